"""The engine's door to pyarrow and Lance, of extras: what is used of them, and their types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from aiomilvus.native import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Self


class ArrowType(Protocol):
    """A type of Arrow's; which attributes there are depends on the type."""

    @property
    def value_type(self) -> ArrowType:
        """Of the elements of lists, and of the values of a dictionary."""

    @property
    def list_size(self) -> int:
        """How many elements lists of fixed size have."""

    @property
    def byte_width(self) -> int:
        """Bytes of values of fixed width."""

    @property
    def tz(self) -> str | None:
        """Of timestamps: the time zone that they are shown in."""


class ArrowArray(Protocol):
    """An array of Arrow's; which methods there are depends on its type."""

    offset: int
    null_count: int

    @property
    def type(self) -> ArrowType:
        """Of the values."""

    def __len__(self) -> int: ...

    def is_valid(self) -> ArrowArray:
        """Return which values are there."""

    def drop_null(self) -> ArrowArray:
        """Return the values that are there."""

    def fill_null(self, value: object) -> ArrowArray:
        """Return the values, with one for those that are not there."""

    def cast(self, kind: object, *, safe: bool = True) -> ArrowArray:
        """Return the values as another type."""

    def view(self, kind: object) -> ArrowArray:
        """Return the same bytes as another type."""

    def flatten(self) -> ArrowArray:
        """Return the elements of lists, without those of lists that are null."""

    def value_lengths(self) -> ArrowArray:
        """Return how many elements each list has."""

    def dictionary_decode(self) -> ArrowArray:
        """Return the values that a dictionary stands for."""

    def buffers(self) -> list[bytes | None]:
        """Return the memory that the array lies in."""

    def to_numpy(self, *, zero_copy_only: bool = True) -> NDArray[np.generic]:
        """Return the values as an array of numpy's."""

    def to_pylist(self) -> list[str | None]:
        """Return texts."""


class ArrowSchema(Protocol):
    """The columns of a file."""

    names: list[str]
    types: list[ArrowType]

    def get_field_index(self, name: str) -> int:
        """Return the number of a column, -1 where there is none or several of that name."""


class RowGroup(Protocol):
    """What a Parquet file tells of a row group."""

    num_rows: int
    total_byte_size: int


class Metadata(Protocol):
    """What a Parquet file tells of itself."""

    num_row_groups: int

    def row_group(self, number: int) -> RowGroup:
        """Return what it tells of a row group."""


class Chunks(Protocol):
    """A column of a table."""

    chunks: list[ArrowArray]


class Table(Protocol):
    """Columns that were read."""

    def column(self, name: str) -> Chunks:
        """Return one of them."""


class ParquetFile(Protocol):
    """An open Parquet file."""

    metadata: Metadata
    schema_arrow: ArrowSchema

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def read_row_groups(self, numbers: list[int], columns: Sequence[str]) -> Table:
        """Return some columns of some row groups."""


class LanceFragment(Protocol):
    """A part of a Lance table."""

    fragment_id: int
    physical_rows: int
    metadata: FragmentMetadata

    def count_rows(self) -> int:
        """Return how many rows are not deleted."""

    def to_table(self, columns: Sequence[str]) -> Table:
        """Return some columns of the rows that are not deleted, in their order."""


class FragmentMetadata(Protocol):
    """What a Lance table tells of a fragment."""

    def to_json(self) -> dict[str, object]:
        """Return it as what JSON can hold."""


class LanceField(Protocol):
    """A column of a Lance table."""

    def name(self) -> str:
        """Return its name."""

    def id(self) -> int:
        """Return its number, which stays when it is renamed."""


class LanceSchema(Protocol):
    """The columns of a Lance table, with their numbers."""

    def fields(self) -> list[LanceField]:
        """Return them."""


class LanceTable(Protocol):
    """One version of a Lance table."""

    version: int
    schema: ArrowSchema
    lance_schema: LanceSchema

    def get_fragments(self) -> list[LanceFragment]:
        """Return its parts."""

    def get_fragment(self, number: int) -> LanceFragment | None:
        """Return one of them."""


def library() -> ModuleType:
    """Return pyarrow, loaded at the first call."""
    module: ModuleType = load("pyarrow", "pyarrow/lib.*.so")
    return module


def compute() -> ModuleType:
    """Return ``pyarrow.compute``, loaded at the first call."""
    module: ModuleType = load("pyarrow.compute", "pyarrow/_compute.*.so")
    return module


def open_parquet(path: str) -> ParquetFile:
    """Return an open Parquet file.

    Raises:
        OSError, pyarrow.ArrowException: It is gone, or no such file.
    """
    library()
    module: ModuleType = load("pyarrow.parquet", "pyarrow/_parquet.*.so")
    file: ParquetFile = module.ParquetFile(path)
    return file


def open_lance(path: str, version: int | None = None) -> LanceTable:
    """Return a version of a Lance table, by default the newest.

    Raises:
        OSError, ValueError: There is no such table or version.
    """
    library()
    module: ModuleType = load("lance", "lance/lance*.so")
    table: LanceTable = module.dataset(path, version=version)
    return table
