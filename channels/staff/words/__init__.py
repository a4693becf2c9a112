"""What the console says, one file a group of pages."""
