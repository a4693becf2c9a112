"""Plain text tools on the standard library alone: the ground floor, importable from everywhere."""
