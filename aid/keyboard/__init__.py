"""What the kiosk's keyboard on the screen can type: the phrases that editors keep and the table made of them and of a general dictionary."""
