"""Codes of a graph as they are kept in a file, so that they are derived once for all processes.

What is kept can be derived again at any time: a file that is missing, damaged or of another
format is as good as none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
import numpy as np

from aiomilvus.engine.index.dense.code_choice import STRETCHES
from aiomilvus.engine.index.dense.scalar_codes import (
    Codes,
    code,
    codes_of,
    inverses_of,
    stride_of,
)
from aiomilvus.engine.index.dense.vectors import lengths_of
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.index.dense.unit_storage import Arrays

    Floats = NDArray[np.float32]

FORMAT = 1
_WIDTHS = (4, 8)


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of codes says of them.

    Attributes:
        format: Of the file.
        bits: Of a code's numbers; 0 where no codes serve, and none are kept.
        stretch: Factor on ef; 0 where codes serve scans alone.
        judged: How many rows there were when that was found.
        rows: Of the index.
        metric: ``L2``, ``IP`` or ``COSINE``.
        lanes: Bytes that kernels read at once.
    """

    format: int = FORMAT
    bits: int
    stretch: float
    judged: int
    rows: int
    metric: str
    lanes: int


class Keeper(Protocol):
    """Keeps arrays, with a description of them, for later and for other processes."""

    def read(self) -> tuple[Arrays, object] | None:
        """Return what is kept, mapped; None where nothing is."""

    def write(self, arrays: Arrays, description: object) -> bool:
        """Keep something; return whether that was done."""

    def is_over(self) -> bool:
        """Return whether what it keeps is of no use to anybody any more."""

    def refuse(self, reason: str) -> None:
        """Say that what is kept can't be used, and why; it is replaced by what is kept next."""


class CodedVectors(NamedTuple):
    """Vectors as codes, and what makes scores of products.

    Attributes:
        codes: The codes.
        inverses: float32 (n), what brings products to length 1; empty where nothing does.
    """

    codes: Codes
    inverses: Floats

    @staticmethod
    def of(vectors: Floats, metric: str, bits: int, lanes: int) -> CodedVectors:
        """Return the codes of vectors, float32 (n, dim)."""
        lengths = lengths_of(vectors) if metric == "COSINE" else None
        codes = code(vectors, bits, lanes, lengths, squared=metric == "L2")
        return CodedVectors(codes, inverses_of(lengths))

    @staticmethod
    def kept(arrays: Arrays, description: Description, dim: int) -> CodedVectors:
        """Return codes that `arrays` gave, of vectors with `dim` dimensions.

        Raises:
            DataCorruptedError: They are none of so many such vectors: kernels would read beyond.
        """
        _check(arrays, description, dim)
        rows, centre = arrays["rows"], arrays["centre"]
        codes = codes_of(rows, centre, description.bits, description.lanes)
        return CodedVectors(codes, arrays["inverses"])

    def arrays(self) -> Arrays:
        """Return what is kept of them."""
        codes = self.codes
        rows = codes.rows.view(np.uint8)
        return {"rows": rows, "centre": codes.centre, "inverses": self.inverses}


def _check(arrays: Arrays, told: Description, dim: int) -> None:
    if told.bits not in _WIDTHS:
        raise DataCorruptedError(message=f"codes of {told.bits} bits, expected one of {_WIDTHS}")
    if told.stretch and not STRETCHES[0] <= told.stretch <= STRETCHES[-1]:
        raise DataCorruptedError(message=f"ef is to be stretched by {told.stretch}")
    stride, _ = stride_of(dim, told.bits, told.lanes)
    wanted = {
        "rows": (np.uint8, told.rows * stride),
        "centre": (np.float32, dim),
        "inverses": (np.float32, told.rows if told.metric == "COSINE" else 0),
    }
    for name, (kind, length) in wanted.items():
        found = arrays.get(name)
        if found is None:
            raise DataCorruptedError(message=f"it has no {name}")
        if found.dtype != kind or found.shape != (length,):
            message = (
                f"{name} are {found.dtype} {found.shape}, expected {kind.__name__} ({length},)"
            )
            raise DataCorruptedError(message=message)


def described(found: object, *, rows: int, metric: str, lanes: int) -> Description | None:
    """Return what a file says of codes, None unless they are those of such an index."""
    try:
        told = msgspec.convert(found, Description)
    except msgspec.ValidationError:
        return None
    fits = (told.format, told.rows, told.metric, told.lanes) == (FORMAT, rows, metric, lanes)
    return told if fits else None
