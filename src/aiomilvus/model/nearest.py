"""The known name that a misspelt one is nearest to, for errors that suggest it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_COMPARED = 1_000
"""Names a suggestion is sought among: an error may be asked for often, by many who poll."""


def nearest(name: object, known: Iterable[str], likeness: float = 0.6) -> str:
    """Return the one of `known` that is most like `name`, "" when none is.

    Args:
        name: What was given.
        known: What there is.
        likeness: How alike they have to be, from 0 to 1 (the same).
    """
    if not isinstance(name, str):
        return ""
    candidates = [each for _, each in zip(range(_MOST_COMPARED), known, strict=False)]
    folded = {each.lower(): each for each in candidates}
    if name.lower() in folded:
        return folded[name.lower()]
    import difflib  # noqa: PLC0415 - needed for an error alone

    near = difflib.get_close_matches(name[:256], candidates, 1, likeness)
    return near[0] if near else ""


def or_nearest(name: object, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` to put behind an error, "" when nothing is near."""
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else ""
