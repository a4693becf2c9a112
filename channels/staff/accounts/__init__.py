"""Accounts of staff, their sessions and what they agreed on; the console's only way to tables."""
