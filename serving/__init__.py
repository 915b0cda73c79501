"""Puts doors and workbench together: the only place that knows both."""
