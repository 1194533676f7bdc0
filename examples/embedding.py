"""A small local embedding of questions, learnt from texts whose vectors are known.

Each term moves a text by a vector of its own; these vectors are the ridge regression (Hoerl and
Kennard, 1970) from the texts' weighed term counts to the texts' vectors. So a question is
embedded near the texts it resembles, with a table of terms in place of a language model.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import solve
from scipy.sparse import csr_matrix, diags

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy.typing as npt

STIFFNESS = 0.3


@dataclass(frozen=True)
class Embedding:
    """What a corpus taught.

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
        vectors: npt.NDArray[np.float32] = _counts(texts, self.places) @ self.moves
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors[:] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
        return vectors

    def save(self, path: Path) -> None:
        """Write it to an ``.npz`` file."""
        np.savez(path, terms=np.array(list(self.places)), moves=self.moves)

    @classmethod
    def load(cls, path: Path) -> Embedding:
        """Return what `save` wrote."""
        with np.load(path) as kept:
            return cls({str(term): n for n, term in enumerate(kept["terms"])}, kept["moves"])


def learn(texts: Sequence[Sequence[str]], vectors: npt.NDArray[np.float32]) -> Embedding:
    """Return the embedding that brings each text, given as terms, close to its vector.

    Args:
        texts: The terms of each text; each text has one at least.
        vectors: Their vectors: (texts, dimension).
    """
    frequencies = Counter(chain.from_iterable(set(text) for text in texts))
    places = {term: n for n, term in enumerate(sorted(frequencies))}
    rarity = np.log1p(len(texts) / np.array([frequencies[term] for term in places]))
    weighed = _counts(texts, places) @ diags(rarity)
    lengths = np.sqrt((weighed.power(2)).sum(axis=1)).A1
    known = diags(1 / lengths) @ weighed
    likeness = (known @ known.T).toarray().astype(np.float32)
    likeness[np.diag_indices_from(likeness)] += STIFFNESS
    weights = solve(likeness, vectors - vectors.mean(axis=0), assume_a="pos", overwrite_a=True)
    moves = rarity[:, None] * (known.T @ weights)
    return Embedding(places, moves.astype(np.float32))


def _counts(texts: Iterable[Sequence[str]], places: dict[str, int]) -> csr_matrix:
    """Return how often each known term stands in each text, damped by a logarithm."""
    indptr, indices, values = [0], [], []
    for text in texts:
        for term, count in Counter(text).items():
            if term in places:
                indices.append(places[term])
                values.append(1.0 + np.log(count))
        indptr.append(len(indices))
    shape = (len(indptr) - 1, len(places))
    return csr_matrix((np.array(values), np.array(indices, np.int32), indptr), shape=shape)
