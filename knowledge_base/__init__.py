"""What the bot may answer from: articles and curated questions, found by words and by meaning."""
