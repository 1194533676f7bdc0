"""Definitions are read from one side and made on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aiomilvus import AsyncMilvusClient, DataType, NotSupportedError
from aiomilvus.copying.definitions import Definitions

if TYPE_CHECKING:
    from pathlib import Path


async def test_an_external_collection_is_not_copied(tmp_path: Path) -> None:
    async with AsyncMilvusClient(":memory:") as source, AsyncMilvusClient(":memory:") as target:
        schema = source.create_schema(
            external_source=str(tmp_path), external_spec='{"format": "parquet"}'
        )
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2, external_field="v")
        await source.create_collection("outside", schema=schema)
        definitions = Definitions(source._backend, target._backend, "", "outside")
        with pytest.raises(NotSupportedError, match="collection outside is external and is not"):
            await definitions.read()
