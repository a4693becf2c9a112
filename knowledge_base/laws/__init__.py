"""The laws of the base as curators see them: lists, versions, and taking one out."""
