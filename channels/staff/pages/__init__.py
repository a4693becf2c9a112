"""One router a group of pages; each is handed the shell and the services it shows."""
