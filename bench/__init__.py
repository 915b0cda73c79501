"""Measurements of the project against its peers, run by hand: ``python -m bench``."""
