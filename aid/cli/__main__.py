"""``python -m aid.cli``: the same as the program ``aid``."""

from aid.cli.main import app

app()
