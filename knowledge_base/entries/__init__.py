"""The life of entries: questions with answers, and typical cases, from draft to retirement."""
