"""Reads files that staff bring: laws to articles, sheets to rows, each in a child process."""
