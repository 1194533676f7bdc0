"""The tokenizer ``char_group``: runs of characters between delimiters."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from aiomilvus.engine.text.analyzer_params import check_keys, refuse
from aiomilvus.engine.text.tokenizers import RankedTokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_ASCII_DIGITS = frozenset("0123456789")
_CLASSES: dict[str, Callable[[str], bool]] = {
    "whitespace": str.isspace,
    "letter": str.isalpha,
    "digit": _ASCII_DIGITS.__contains__,
    "punctuation": lambda character: unicodedata.category(character).startswith("P"),
    "symbol": lambda character: unicodedata.category(character).startswith("S"),
    "ascii_whitespace": frozenset(" \t\n\f\r").__contains__,
    "ascii_letter": lambda character: character.isascii() and character.isalpha(),
    "ascii_digit": _ASCII_DIGITS.__contains__,
    "ascii_punctuation": frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~").__contains__,
}


class CharGroupTokenizer(RankedTokenizer):
    """Runs of characters that are no delimiters; positions count tokens.

    Args:
        characters: Delimiters.
        classes: Names of classes of them.
    """

    def __init__(self, characters: Sequence[str], classes: Sequence[str]) -> None:
        self._is_delimiter = _Delimiters(
            frozenset(characters), [_CLASSES[name] for name in classes]
        )

    def _words(self, text: str) -> Iterator[tuple[str, int, int]]:
        is_delimiter = self._is_delimiter
        start = 0
        for at, character in enumerate(text):
            if is_delimiter[character]:
                if at > start:
                    yield text[start:at], start, at
                start = at + 1
        if start < len(text):
            yield text[start:], start, len(text)


class _Delimiters(dict[str, bool]):
    """Character → whether it is a delimiter, found out when it is first met."""

    def __init__(self, given: frozenset[str], classes: Sequence[Callable[[str], bool]]) -> None:
        super().__init__()
        self._given = given
        self._classes = tuple(classes)

    def __missing__(self, character: str) -> bool:
        found = character in self._given or any(each(character) for each in self._classes)
        self[character] = found
        return found


def char_group_tokenizer(params: Mapping[str, object]) -> CharGroupTokenizer:
    """Return the tokenizer that a ``char_group`` object describes.

    Raises:
        ParamError: ``delimiters`` is missing, or names what is no character and no class.
    """
    owner = "char group tokenizer"
    check_keys(params, {"type", "delimiters"}, owner)
    if "delimiters" not in params:
        refuse(f"{owner} delimiters can't be empty")
    delimiters = params["delimiters"]
    if not isinstance(delimiters, list):
        refuse(f"{owner} delimiters must be a vector")
    characters: list[str] = []
    classes: list[str] = []
    for each in delimiters:
        if not isinstance(each, str):
            refuse(f"{owner} delimiter in delimiters must be string")
        if len(each) != 1 and each not in _CLASSES:
            refuse(f"{each} not a char or name of build-in char group (known: {sorted(_CLASSES)})")
        (characters if len(each) == 1 else classes).append(each)
    return CharGroupTokenizer(characters, classes)
