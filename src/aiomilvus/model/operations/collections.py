"""Collections and their schemas."""

from __future__ import annotations

from aiomilvus.model.operations.base import CollectionOperation, Int32, Operation
from aiomilvus.model.operations.traits import EVERYONE, Kind, Traits, not_external
from aiomilvus.model.results import CollectionInfo
from aiomilvus.model.schema import Field, FunctionSpec, Schema, StructSpec

TRUNCATED = (
    "truncate is not supported on external collections; use RefreshExternalCollection with another "
    "source, or drop the collection {}"
)
"""What refuses to truncate an external collection."""
FUNCTIONS = (
    "external collection does not support altering or dropping functions, nor adding them: {}"
)
"""What refuses to change the functions of an external collection."""


class CreateCollection(CollectionOperation[None], frozen=True, kw_only=True):
    """Create an empty collection. The same call again is a success; a different schema is not."""

    traits = Traits(
        Kind.DEFINITION, "CreateCollection", denied="collectionDDL", changes_schemas=True
    )

    schema: Schema
    properties: dict[str, str] = {}
    consistency: int = 2
    num_partitions: int = 0
    num_shards: Int32 = 1


class DropCollection(CollectionOperation[None], frozen=True, kw_only=True):
    """Drop a collection and its data; one that does not exist is a success."""

    traits = Traits(Kind.DEFINITION, "DropCollection", denied="collectionDDL", changes_schemas=True)


class DescribeCollection(CollectionOperation[CollectionInfo], frozen=True, kw_only=True):
    """Describe a collection; raises CollectionNotExistException when there is none."""

    traits = Traits(Kind.LOOK_UP, "DescribeCollection", inline=True)


class ListCollections(Operation[tuple[str, ...]], frozen=True, kw_only=True):
    """List the names of a database's collections."""

    traits = Traits(Kind.LOOK_UP, EVERYONE, inline=True)


class RenameCollection(CollectionOperation[None], frozen=True, kw_only=True):
    """Rename a collection, or move it to another database (`new_db`, "" for the same)."""

    traits = Traits(
        Kind.DEFINITION, "RenameCollection", denied="collectionDDL", changes_schemas=True
    )

    new_name: str
    new_db: str = ""

    def databases(self) -> tuple[str, ...]:
        """Return the database the collection is in, and the one it goes to."""
        return (self.db, self.new_db or self.db)


class TruncateCollection(CollectionOperation[None], frozen=True, kw_only=True):
    """Delete all rows; schema, indexes and load state stay."""

    traits = Traits(Kind.DEFINITION, "DropCollection", denied="collectionDDL", external=TRUNCATED)


class CollectionStatistics(CollectionOperation[dict[str, int]], frozen=True, kw_only=True):
    """Return ``{"row_count": …}``."""

    traits = Traits(Kind.LOOK_UP, "GetStatistics")


class AlterCollectionProperties(CollectionOperation[None], frozen=True, kw_only=True):
    """Set properties, and drop those named in `drop`."""

    traits = Traits(
        Kind.DEFINITION, "CreateCollection", denied="collectionDDL", changes_schemas=True
    )

    properties: dict[str, str] = {}
    drop: tuple[str, ...] = ()


class AlterField(CollectionOperation[None], frozen=True, kw_only=True):
    """Change a field's type parameters or description; unset those named in `drop`."""

    traits = Traits(
        Kind.DEFINITION,
        "CreateCollection",
        denied="collectionDDL",
        changes_schemas=True,
        external=not_external("alter field"),
    )

    field: str
    params: dict[str, str] = {}
    drop: tuple[str, ...] = ()


class AddField(CollectionOperation[None], frozen=True, kw_only=True):
    """Add a nullable field, or one with a default, to a collection with data."""

    traits = Traits(
        Kind.DEFINITION, "AddCollectionField", denied="collectionDDL", changes_schemas=True
    )

    field: Field


class DropField(CollectionOperation[None], frozen=True, kw_only=True):
    """Drop a field by name, or by id when `field` is ""."""

    traits = Traits(
        Kind.DEFINITION,
        "AlterCollectionSchema",
        denied="collectionDDL",
        changes_schemas=True,
        external=not_external("alter collection schema"),
    )

    field: str = ""
    field_id: int = 0


class AddStructField(CollectionOperation[None], frozen=True, kw_only=True):
    """Add an array of structs with its sub-fields."""

    traits = Traits(
        Kind.DEFINITION,
        "AddCollectionField",
        denied="collectionDDL",
        changes_schemas=True,
        external=not_external("add struct field"),
    )

    struct: StructSpec
    fields: tuple[Field, ...]


class AddFunction(CollectionOperation[None], frozen=True, kw_only=True):
    """Add a function; with `field`, its new output field too, indexed by `index_params`."""

    traits = Traits(
        Kind.DEFINITION,
        "CreateCollection",
        denied="collectionDDL",
        changes_schemas=True,
        external=FUNCTIONS,
    )

    function: FunctionSpec
    field: Field | None = None
    index_params: dict[str, str] = {}


class AlterFunction(CollectionOperation[None], frozen=True, kw_only=True):
    """Replace the function called `name`."""

    traits = Traits(
        Kind.DEFINITION,
        "CreateCollection",
        denied="collectionDDL",
        changes_schemas=True,
        external=FUNCTIONS,
    )

    name: str
    function: FunctionSpec


class DropFunction(CollectionOperation[None], frozen=True, kw_only=True):
    """Drop a function; with `drop_field`, its output field too."""

    traits = Traits(
        Kind.DEFINITION,
        "CreateCollection",
        denied="collectionDDL",
        changes_schemas=True,
        external=FUNCTIONS,
    )

    name: str
    drop_field: bool = False
