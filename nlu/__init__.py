"""Language understanding: what runs inside Rasa, and `nlu.text`, which every floor shares."""
