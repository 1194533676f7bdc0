"""The MinHash function: texts to signatures whose agreement estimates Jaccard similarity.

A text becomes a set of shingles (runs of characters or terms), each shingle a 64-bit hash, and
element i of the signature the least value of the i-th of `num_hashes` hash functions over the
set. Two texts agree in an element with the probability that their sets' Jaccard similarity is.
A signature is a binary vector of 32 · num_hashes bits: little-endian uint32, end to end.

The hash functions are multiply-shift with odd factors drawn from `seed` by numpy's PCG64.
Signatures are stable across releases, but are not those of a Milvus server with the same seed.
"""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model import xxh64

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.text.analyzer import Analyzer

ELEMENT_BITS = 32
_BLOCK_SHINGLES = 1 << 14
_HASHED_AT_ONCE = 1 << 13


class MinHashParams(NamedTuple):
    """How signatures are made.

    Attributes:
        num_hashes: Elements of a signature; the vector field's dimension is 32 times this.
        shingle_size: Characters or terms in a shingle, at least 1.
        hash_function: Of shingles: ``xxhash`` or ``xxhash64`` (XXH64), or ``sha1`` (its first 8
            bytes).
        token_level: ``word`` cuts by the field's analyzer, ``char`` by character.
        seed: Of the hash functions.
    """

    num_hashes: int
    shingle_size: int = 3
    hash_function: str = "xxhash"
    token_level: str = "word"  # noqa: S105 - Milvus' name, no secret
    seed: int = 1234


def minhash_params(params: Mapping[str, Any], dim: int) -> MinHashParams:
    """Read the parameters of a MinHash function whose output field has dimension `dim`.

    Raises:
        ParamError: A parameter is unknown, of the wrong type or out of range, or `dim` is not
            32 · num_hashes.
    """
    params = {str(name).lower(): value for name, value in params.items()}
    unknown = sorted(set(params) - set(MinHashParams._fields))
    if unknown:
        allowed = ", ".join(MinHashParams._fields)
        _refuse(f"unknown MinHash function param: {unknown[0]} (allowed: {allowed})")
    found = MinHashParams(
        _whole(params, "num_hashes", dim // ELEMENT_BITS, 1),
        _whole(params, "shingle_size", 3, 1),
        _one_of(params, "hash_function", ("xxhash", "xxhash64", "sha1")),
        _one_of(params, "token_level", ("word", "char")),
        _whole(params, "seed", 1234, 0),
    )
    if dim != ELEMENT_BITS * found.num_hashes:
        _refuse(
            f"the dimension of a MinHash output field should be {ELEMENT_BITS} * num_hashes = "
            f"{ELEMENT_BITS * found.num_hashes}, got {dim}"
        )
    return found


class MinHasher:
    """Turns texts into signatures. Safe to share by threads."""

    def __init__(self, params: MinHashParams, analyzer: Analyzer) -> None:
        self._params = params
        self._analyzer = analyzer
        rng = np.random.Generator(np.random.PCG64(params.seed))
        limit = np.iinfo(np.uint64).max
        shape = (params.num_hashes, 1)
        self._factors = rng.integers(0, limit, shape, np.uint64, endpoint=True) | np.uint64(1)
        self._offsets = rng.integers(0, limit, shape, np.uint64, endpoint=True)
        self._hashes = _HASHES[params.hash_function]

    def signatures(self, texts: Sequence[str]) -> NDArray[np.uint8]:
        """Return the signatures of `texts`, uint8 (texts, 4 · num_hashes).

        A text shorter than a shingle is one shingle; an empty one has all bits set.
        """
        found = np.full((len(texts), self._params.num_hashes), 0xFFFFFFFF, "<u4")
        row = 0
        for batch in self._batches(texts):
            hashes = self._hashes(chain.from_iterable(batch))
            for some in np.split(hashes, np.cumsum([len(shingles) for shingles in batch[:-1]])):
                self._keep_least(found[row], some)
                row += 1
        return found.view(np.uint8)

    def _keep_least(self, signature: NDArray[np.uint32], hashes: NDArray[np.uint64]) -> None:
        for first in range(0, len(hashes), _BLOCK_SHINGLES):
            some = hashes[first : first + _BLOCK_SHINGLES]
            mixed = (self._factors * some + self._offsets) >> np.uint64(32)
            np.minimum(signature, mixed.min(axis=1).astype(np.uint32), out=signature)

    def _batches(self, texts: Sequence[str]) -> Iterator[list[set[bytes]]]:
        """Yield the shingles of as many texts as are worth hashing at once."""
        batch: list[set[bytes]] = []
        total = 0
        for shingles in self._shingles(texts):
            batch.append(shingles)
            total += len(shingles)
            if total >= _HASHED_AT_ONCE:
                yield batch
                batch, total = [], 0
        if batch:
            yield batch

    def _shingles(self, texts: Sequence[str]) -> Iterator[set[bytes]]:
        size, level = self._params.shingle_size, self._params.token_level
        if level == "char":
            for text in texts:
                last = max(len(text) - size + 1, min(len(text), 1))
                yield {text[at : at + size].encode() for at in range(last)}
            return
        batch = self._analyzer.analyze_many(texts)
        for row in range(len(batch)):
            terms = batch.terms(row)
            last = max(len(terms) - size + 1, min(len(terms), 1))
            yield {" ".join(terms[at : at + size]).encode() for at in range(last)}


def _sha1(shingles: Iterable[bytes]) -> NDArray[np.uint64]:
    """Return the first 8 bytes of each digest."""
    digests = (hashlib.sha1(each, usedforsecurity=False).digest()[:8] for each in shingles)
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64, copy=False)


_HASHES: dict[str, Callable[[Iterable[bytes]], NDArray[np.uint64]]] = {
    "xxhash": xxh64.of_texts,
    "xxhash64": xxh64.of_texts,
    "sha1": _sha1,
}


def _refuse(message: str) -> None:
    raise ParamError(message=f"{message}: invalid parameter")


def _whole(params: Mapping[str, Any], key: str, default: int, least: int) -> int:
    value = params.get(key, default)
    try:
        number = least - 1 if isinstance(value, (bool, float)) else int(value)
    except (TypeError, ValueError):
        number = least - 1
    if number < least:
        _refuse(f"{key} should be a whole number of at least {least}, got {value!r}")
    return number


def _one_of(params: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    value = params.get(key, allowed[0])
    if value not in allowed:
        _refuse(f"{key} should be one of {', '.join(allowed)}, got {value!r}")
    return str(value)
