"""What the project is compared with, and its own search in the same form."""
