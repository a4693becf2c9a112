"""Conversation scripts: read, played through the real callback, and printed for people to judge."""
