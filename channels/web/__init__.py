"""Web chat: how anyone tries the bot without a WeChat account."""
