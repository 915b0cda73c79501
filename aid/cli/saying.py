"""What every command does alike: speak to the operator, and turn a foreseen fault into one clear line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from aid.errors import AidError


def say(text: str) -> None:
    """One line for the operator, on standard error: standard output is for results."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def clear_errors() -> Iterator[None]:
    """A fault that the project foresaw is one line and exit status 1."""
    try:
        yield
    except AidError as fault:
        say(f"aid: {fault}")
        raise typer.Exit(1) from None
