"""Imports as jobs that survive a restart, and exports of what the base holds."""
