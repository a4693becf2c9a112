"""Which of very many stored cases are worth comparing with one that is told."""
