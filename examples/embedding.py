"""A small local embedding of English: a table of what each term means, instead of a model.

A text is near to where its terms move it. How a term moves a text was learnt from the vectors that
a language model gave to the dictionary's definitions (`data/make_dictionary.py`); so what reads
alike, and what is defined alike, comes close, and a million texts need seconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

from examples.corpus import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy.typing as npt


@dataclass(frozen=True)
class Embedding:
    """What terms mean.

    Args:
        places: Each known term's row in `moves`.
        moves: Where one occurrence of a term moves a text: (terms, dimension), float32.
    """

    places: dict[str, int]
    moves: npt.NDArray[np.float32]

    def embed(self, texts: Iterable[Sequence[str]]) -> npt.NDArray[np.float32]:
        """Return a unit vector for each text given as terms: (texts, dimension).

        A text without any known term gets the zero vector, which is near to nothing.
        """
        vectors: npt.NDArray[np.float32] = counts(texts, self.places) @ self.moves
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors[:] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
        return vectors

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self.moves.shape[1])

    @classmethod
    def load(cls, folder: Path = DATA) -> Embedding:
        """Return the table that is kept in a folder."""
        terms = (folder / "terms.txt").read_text(encoding="utf-8").split()
        parts = [np.load(path) for path in sorted(folder.glob("term-moves-*.npy"))]
        moves = np.concatenate(parts) * np.load(folder / "term-scales.npy")
        return cls({term: n for n, term in enumerate(terms)}, moves)


def counts(texts: Iterable[Sequence[str]], places: dict[str, int]) -> csr_matrix:
    """Return how often each known term stands in each text, damped by a logarithm."""
    indptr, indices, values = [0], [], []
    for text in texts:
        for term, count in Counter(text).items():
            if term in places:
                indices.append(places[term])
                values.append(1.0 + np.log(count))
        indptr.append(len(indices))
    shape = (len(indptr) - 1, len(places))
    return csr_matrix(
        (np.array(values, np.float32), np.array(indices, np.int32), indptr), shape=shape
    )
