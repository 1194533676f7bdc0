"""EmbeddingList: several vectors that together are one query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import ParamError
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    import numpy as np
    from numpy.typing import NDArray


def _numpy() -> ModuleType:
    import numpy  # noqa: PLC0415, ICN001 - public names are imported without it

    return numpy


class EmbeddingList:
    """One query for a search by a MAX_SIM metric: those of a text, or of an image.

    Args:
        embeddings: The vectors: a matrix (n, dim), one vector (dim,), or an iterable of vectors.
        dim: Numbers in each vector; that of the first vector when omitted.
        dtype: What the vectors are kept as: a numpy dtype, its name, or a vector's `DataType`;
            that of the first vector when omitted, but float32 for float64.

    Raises:
        ValueError: A vector has not one dimension, or another length than the others.
        ParamError: `dtype` is no dense vector's type.

    Example:
        >>> from aiomilvus import EmbeddingList
        >>> EmbeddingList([[0.1, 0.9], [0.9, 0.1]])
        EmbeddingList(count=2, dim=2, dtype=float32)
    """

    def __init__(
        self,
        embeddings: Iterable[Any] | NDArray[Any] | None = None,
        dim: int | None = None,
        dtype: Any = None,
    ) -> None:
        self._embeddings: list[NDArray[Any]] = []
        self._dim = dim
        self._dtype = None if dtype is None else _dtype_of(dtype)
        if embeddings is None:
            return
        if getattr(embeddings, "ndim", 0) == 1:
            self.add(embeddings)
        else:
            self.add_batch(embeddings)

    @classmethod
    def _from_random_test(
        cls, num_vectors: int, dim: int, dtype: DataType | None = None, seed: int | None = None
    ) -> EmbeddingList:
        """Return random vectors; pymilvus' example of structs makes its queries so."""
        chosen = _numpy().random.default_rng(seed)
        return cls(chosen.random((num_vectors, dim), "float32"), dtype=dtype)

    def add(self, embedding: Any) -> EmbeddingList:
        """Add one vector, as an array, a sequence of numbers or raw bytes; return self.

        Args:
            embedding: The vector, (dim,).

        Raises:
            ValueError: It has not one dimension, or another length than the others.

        Example:
            >>> from aiomilvus import EmbeddingList
            >>> EmbeddingList().add([0.1, 0.9]).add([0.9, 0.1]).shape
            (2, 2)
        """
        np = _numpy()
        if isinstance(embedding, bytes):
            embedding = np.frombuffer(embedding, self._dtype or np.uint8)
        vector = np.asarray(embedding)
        if vector.ndim != 1:
            raise ValueError(f"Embedding must be 1D, got shape {vector.shape}")
        if self._dim is not None and len(vector) != self._dim:
            raise ValueError(
                f"Embedding dimension {len(vector)} doesn't match existing {self._dim}"
            )
        if self._dtype is None:
            wide = vector.dtype.kind == "f" and vector.dtype.itemsize > np.float32().itemsize
            plain = vector.dtype.kind in "iu" and not isinstance(embedding, np.ndarray)
            self._dtype = np.dtype(np.float32) if wide or plain else vector.dtype
        self._dim = len(vector)
        self._embeddings.append(vector.astype(self._dtype, copy=False))
        return self

    def add_batch(self, embeddings: Iterable[Any]) -> EmbeddingList:
        """Add several vectors, or the rows of a matrix; return self.

        Args:
            embeddings: The vectors, or a matrix (n, dim).

        Raises:
            ValueError: As `add`.

        Example:
            >>> from aiomilvus import EmbeddingList
            >>> EmbeddingList(dim=2).add_batch([[0.1, 0.9], [0.9, 0.1]]).shape
            (2, 2)
        """
        shape = getattr(embeddings, "shape", (0, 0))
        if len(shape) != 2:
            raise ValueError(f"Batch embeddings must be 2D, got {len(shape)}D")
        for embedding in embeddings:
            self.add(embedding)
        return self

    def to_numpy(self) -> NDArray[Any]:
        """Return the vectors as a matrix (n, dim).

        Raises:
            ValueError: There are none.

        Example:
            >>> from aiomilvus import EmbeddingList
            >>> EmbeddingList([[1, 2], [3, 4]]).to_numpy().tolist()
            [[1.0, 2.0], [3.0, 4.0]]
        """
        if not self._embeddings:
            raise ValueError("EmbeddingList is empty")
        matrix: NDArray[Any] = _numpy().stack(self._embeddings)
        return matrix

    def to_flat_array(self) -> NDArray[Any]:
        """Return the vectors end to end, (n * dim,).

        Raises:
            ValueError: There are none.

        Example:
            >>> from aiomilvus import EmbeddingList
            >>> EmbeddingList([[1, 2], [3, 4]]).to_flat_array().tolist()
            [1.0, 2.0, 3.0, 4.0]
        """
        return self.to_numpy().reshape(-1)

    def clear(self) -> EmbeddingList:
        """Remove all vectors; return self.

        Example:
            >>> from aiomilvus import EmbeddingList
            >>> len(EmbeddingList([[1, 2], [3, 4]]).clear())
            0
        """
        self._embeddings.clear()
        return self

    @property
    def dim(self) -> int:
        """Numbers in each vector; 0 while that is not known."""
        return self._dim or 0

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """What the vectors are kept as; None while that is not known."""
        return self._dtype

    @property
    def shape(self) -> tuple[int, int]:
        """Number of vectors, and `dim`."""
        return len(self._embeddings), self.dim

    @property
    def nbytes(self) -> int:
        """Bytes of all vectors."""
        return sum(vector.nbytes for vector in self._embeddings)

    def __len__(self) -> int:
        return len(self._embeddings)

    def __getitem__(self, index: int) -> NDArray[Any]:
        return self._embeddings[index]

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return iter(self._embeddings)

    def __repr__(self) -> str:
        return f"EmbeddingList(count={len(self)}, dim={self.dim}, dtype={self._dtype})"


def _dtype_of(given: Any) -> np.dtype[Any]:
    from aiomilvus.model.columns import VECTOR_DTYPES  # noqa: PLC0415 - numpy, as above

    if not isinstance(given, DataType):
        found: np.dtype[Any] = _numpy().dtype(given)
        return found
    if given not in VECTOR_DTYPES:
        raise ParamError(message=f"Unsupported DataType: {given!r} is no dense or binary vector")
    return VECTOR_DTYPES[given]
