"""Cases: filing, following, triage, duplicates; knows nothing of Rasa, WeChat or conversations."""
