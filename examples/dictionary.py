"""WordNet's definitions, the words that are used most first; data/README.md describes the files."""

from __future__ import annotations

import lzma
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from examples.corpus import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator


class Entry(NamedTuple):
    """A definition, and the words that have it: `pos` is one of n, v, a and r."""

    pos: str
    words: str
    gloss: str

    @property
    def text(self) -> str:
        """The words and what they mean, as one text."""
        return f"{self.words}: {self.gloss}"


def entries(most: int | None = None) -> list[Entry]:
    """Return the definitions, at most so many; all are 117,659."""
    return list(islice(_lines(), most))


def _lines() -> Iterator[Entry]:
    for path in sorted(DATA.glob("dictionary-*.tsv.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield Entry(*line.rstrip("\n").split("\t"))
