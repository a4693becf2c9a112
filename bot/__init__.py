"""The composition root: puts the parts together and runs them; nothing imports it."""
