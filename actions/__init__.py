"""What the bot does when Rasa asks for it, one file per thing; runs inside the app process."""
