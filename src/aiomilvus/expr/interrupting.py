"""What long work over columns calls between its steps, so that whoever started it can end it."""

from __future__ import annotations


def never_interrupt() -> None:
    """Let the work go on."""
