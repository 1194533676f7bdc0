"""What a collection is beside its rows: schema, properties, partitions, indexes, aliases, load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.copying.index_definitions import Place, make_index
from aiomilvus.errors import MilvusException, NotSupportedError
from aiomilvus.model.operations.aliases import AlterAlias, CreateAlias
from aiomilvus.model.operations.collections import (
    AlterCollectionProperties,
    CreateCollection,
    DescribeCollection,
)
from aiomilvus.model.operations.indexes import DescribeIndexes
from aiomilvus.model.operations.loading import (
    GetLoadState,
    LoadCollection,
    LoadPartitions,
    ReleaseCollection,
)
from aiomilvus.model.operations.partitions import CreatePartition, ListPartitions
from aiomilvus.model.schema import FIRST_FIELD_ID
from aiomilvus.model.types import LoadState

if TYPE_CHECKING:
    from aiomilvus.client.backends.backend import AsyncBackend
    from aiomilvus.model.results import CollectionInfo, IndexInfo
    from aiomilvus.model.schema import Schema

_KEYS = "allow_insert_auto_id"
"""The property that lets keys be inserted where they are generated."""


class Definitions:
    """One collection's definitions on both sides.

    Args:
        source: Where they are read.
        target: Where they are made.
        db, name: Of the collection, on both sides.
    """

    def __init__(self, source: AsyncBackend, target: AsyncBackend, db: str, name: str) -> None:
        self._source = source
        self._target = target
        self._db = db
        self._name = name
        self._info: CollectionInfo
        self._indexes: tuple[IndexInfo, ...] = ()
        self._partitions: tuple[str, ...] = ()
        self._loaded: tuple[str, ...] | None = None
        self._loads_source = False

    async def read(self) -> None:
        """Read the source's.

        Raises:
            NotSupportedError: The rows are those of files that somebody else writes.
        """
        db, name, run = self._db, self._name, self._source.execute
        self._info = await run(DescribeCollection(db=db, collection=name), None)
        if self._info.schema.is_external:
            raise NotSupportedError(
                message=f"collection {name} is external and is not copied: make one over the same "
                "files on the other side, and name those to copy by `collections`"
            )
        self._indexes = await run(DescribeIndexes(db=db, collection=name), None)
        found = await run(ListPartitions(db=db, collection=name), None)
        self._partitions = tuple(each.name for each in found)
        self._loaded = await self._loaded_partitions()

    async def _loaded_partitions(self) -> tuple[str, ...] | None:
        """Return the partitions that are loaded, () for all, None for none."""
        if await self._is_loaded(()):
            if self._is_keyed or all([await self._is_loaded((n,)) for n in self._partitions]):
                return ()
            return tuple([n for n in self._partitions if await self._is_loaded((n,))])
        return None

    async def _is_loaded(self, partitions: tuple[str, ...]) -> bool:
        asked = GetLoadState(db=self._db, collection=self._name, partitions=partitions)
        return (await self._source.execute(asked, None)).state == LoadState.Loaded

    @property
    def _is_keyed(self) -> bool:
        return any(field.is_partition_key for field in self._info.schema.fields)

    @property
    def schema(self) -> Schema:
        """The source's schema."""
        return self._info.schema

    @property
    def separate_partitions(self) -> tuple[str, ...]:
        """The partitions to copy one by one; "" stands for all where a key decides."""
        return ("",) if self._is_keyed else self._partitions

    async def load_source(self) -> None:
        """Make all rows readable; `release` undoes it."""
        if self._loaded == ():
            return
        load = LoadCollection(db=self._db, collection=self._name)
        try:
            await self._source.execute(load, None)
        except MilvusException as error:
            raise type(error)(
                error.code,
                f"{self._name} has to be loaded to be read, and can't be: {error.message}",
            ) from error
        self._loads_source = True

    async def create(self) -> None:
        """Make the target's collection, ready for rows with keys."""
        info = self._info
        properties = dict(info.properties)
        if info.schema.primary.auto_id:
            properties[_KEYS] = "true"
        made = CreateCollection(
            db=self._db,
            collection=self._name,
            schema=_fresh(info.schema),
            properties=properties,
            consistency=info.consistency,
            num_partitions=info.num_partitions if self._is_keyed else 0,
            num_shards=info.num_shards,
        )
        await self._target.execute(made, None)
        if not self._is_keyed:
            listed = ListPartitions(db=self._db, collection=self._name)
            there = {each.name for each in await self._target.execute(listed, None)}
            # Not every server takes it that a partition is made twice.
            for partition in [name for name in self._partitions if name not in there]:
                one = CreatePartition(db=self._db, collection=self._name, partition=partition)
                await self._target.execute(one, None)

    async def finish(self) -> tuple[str, ...]:
        """Index and load the target's, and let aliases stand for it.

        Returns:
            What is not as at the source.
        """
        run = self._target.execute
        place = Place(self._target, self._db, self._name)
        taken = {index.name for index in self._indexes}
        notes: list[str] = []
        for index in self._indexes:
            field = self._info.schema.by_name.get(index.field)
            notes += await make_index(place, index, field, taken)
        await run(LoadCollection(db=self._db, collection=self._name), None)
        if self._info.schema.primary.auto_id and _KEYS not in self._info.properties:
            back = AlterCollectionProperties(db=self._db, collection=self._name, drop=(_KEYS,))
            await run(back, None)
        for alias in self._info.aliases:
            names = {"db": self._db, "collection": self._name, "alias": alias}
            try:
                await run(CreateAlias(**names), None)
            except MilvusException:
                await run(AlterAlias(**names), None)  # it is there from an interrupted copy
        return tuple(notes)

    async def release(self) -> None:
        """Leave both sides loaded as the source was."""
        if self._loads_source:
            await self._restore(self._source)
        if self._loaded != ():
            await self._restore(self._target)

    async def _restore(self, backend: AsyncBackend) -> None:
        db, name = self._db, self._name
        await backend.execute(ReleaseCollection(db=db, collection=name), None)
        if self._loaded:
            load = LoadPartitions(db=db, collection=name, partitions=self._loaded)
            await backend.execute(load, None)


def _fresh(schema: Schema) -> Schema:
    """Return a schema numbered as a new one is, whatever its history was."""
    replace = msgspec.structs.replace
    first = FIRST_FIELD_ID
    return replace(
        schema,
        fields=tuple(replace(each, id=first + n) for n, each in enumerate(schema.fields)),
        functions=tuple(replace(each, id=first + n) for n, each in enumerate(schema.functions)),
        structs=tuple(
            replace(each, id=first + len(schema.fields) + n)
            for n, each in enumerate(schema.structs)
        ),
        version=0,
    )
