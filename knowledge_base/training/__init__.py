"""How the shipped sentence encoder is trained; nothing here runs while the bot serves citizens."""
