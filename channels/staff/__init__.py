"""The staff console: thin server-rendered pages over the two bases."""
