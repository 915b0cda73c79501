"""People of the center in a talk: who waits for them, who has taken a talk over from the bot, what they say."""
