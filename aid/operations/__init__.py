"""What an operator's programs ask of ours: whether a process is ready, and its figures. Knows no web."""
