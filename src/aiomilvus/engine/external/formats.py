"""Which formats are read, and what reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.external import lance, parquet
from aiomilvus.engine.external.source import LANCE, files_of, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aiomilvus.engine.external.rows import ExternalRows, Part
    from aiomilvus.engine.external.source import Spec
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field


def paths_of(source: str, spec: Spec) -> list[Path]:
    """Return what there is to read of a source: files, or the folder of one table.

    Raises:
        ExternalSourceError: There is nothing of that name, or it can't be looked at.
    """
    return [table_of(source)] if spec.format == LANCE else files_of(source)


def parts_of(path: Path, fields: Sequence[Field], spec: Spec) -> list[Part]:
    """Return the parts that a file or table is read in; each has rows.

    Raises:
        ExternalSourceError: It can't be read, lacks a column, or has one of another type.
        NotSupportedError: A library that it needs is not installed, or its files are elsewhere.
    """
    if spec.format == LANCE:
        return lance.parts_of(path, fields)
    return parquet.parts_of(path, fields)


def read_column(rows: ExternalRows, field: Field) -> Column:
    """Return the values that a field has in some rows.

    Raises:
        ExternalSourceError: They are gone, were changed since the refresh, or have a value that
            is none of the field's.
    """
    if rows.fragment is not None:
        return lance.read_column(rows, rows.fragment, field)
    return parquet.read_column(rows, field)
