"""The filter ``pinyin``: how the characters of a Chinese token are read, in plain letters."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from aiomilvus.engine.text.analyzer_params import boolean, check_keys
from aiomilvus.engine.text.libraries import pypinyin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_OPTIONS = {
    "keep_original": True,
    "keep_full_pinyin": True,
    "keep_joined_full_pinyin": False,
    "keep_separate_first_letter": False,
}


def pinyin_filter(params: Mapping[str, object]) -> Callable[[str], Sequence[str]]:
    """Return the filter that a ``pinyin`` name or object describes.

    It gives the token, then each character's reading, then all of them joined, then their first
    letters as one token: the first two unless options say otherwise. Characters that are not
    Chinese have no reading.

    Raises:
        ParamError: An option is unknown or no Boolean, or the package is not installed.
    """
    owner = "pinyin filter"
    check_keys(params, {"type", *_OPTIONS}, owner)
    original, each, joined, initials = (
        boolean(params, name, owner, default) for name, default in _OPTIONS.items()
    )
    pypinyin()  # so that a missing package is told before there are texts

    def replace(token: str) -> Sequence[str]:
        readings = [reading for reading in map(_reading, token) if reading]
        found = [token] if original else []
        if each:
            found += readings
        if joined and readings:
            found.append("".join(readings))
        if initials and readings:
            found.append("".join(reading[0] for reading in readings))
        return found

    return replace


@lru_cache(maxsize=1 << 14)
def _reading(character: str) -> str:
    return "".join(pypinyin().lazy_pinyin(character, errors="ignore"))
