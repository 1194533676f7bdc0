"""What an agent can ask of a database: each method is a tool, its docstring what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from aiomilvus.client.inputs.search_parts import AnnSearchRequest, RRFRanker
from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from aiomilvus.client.aio.client import AsyncMilvusClient

MOST_ROWS = 200
"""More rows or hits than this would fill an agent's context."""
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


class Tools:
    """The tools.

    Args:
        client: The database.
    """

    def __init__(self, client: AsyncMilvusClient) -> None:
        self._client = client

    async def list_collections(self) -> dict[str, Any]:
        """List the collections of the database with their numbers of rows."""
        found = []
        for name in await self._client.list_collections():
            stats = await self._client.get_collection_stats(name)
            found.append({"name": name, "rows": stats["row_count"]})
        return {"collections": found}

    async def describe_collection(self, collection: str) -> dict[str, Any]:
        """Describe a collection: its fields and types, functions and indexes.

        A field that a BM25 or embedding function fills is searched by text.
        """
        found = await self._client.describe_collection(collection)
        indexes = [
            await self._client.describe_index(collection, name)
            for name in await self._client.list_indexes(collection)
        ]
        return {
            "name": found["collection_name"],
            "description": found["description"],
            "fields": [_field(each) for each in found["fields"]],
            "functions": _plain(found.get("functions", [])),
            "dynamic_field": found["enable_dynamic_field"],
            "indexes": _plain(indexes),
        }

    async def search(
        self,
        collection: str,
        query: list[float] | dict[str, float] | str,
        field: str = "",
        filter: str = "",
        limit: int = 10,
        output_fields: list[str] | None = None,
    ) -> dict[str, Any]:
        """Find the rows nearest to a query.

        The query is a text where a function fills the field, a list of numbers for a dense
        vector, or {index: weight} for a sparse one. `field` may be left out when the collection
        has one vector field only. `filter` is an expression such as `year > 2000 and color ==
        "red"`. Without `output_fields` all fields but vectors are returned.
        """
        found = await self._client.search(
            collection,
            data=[_query(query)],
            anns_field=field or None,
            filter=filter,
            limit=_checked(limit),
            output_fields=await self._fields(collection, output_fields),
        )
        return {"hits": _plain([dict(hit) for hit in found[0]])}

    async def hybrid_search(
        self,
        collection: str,
        queries: dict[str, list[float] | dict[str, float] | str],
        filter: str = "",
        limit: int = 10,
        output_fields: list[str] | None = None,
    ) -> dict[str, Any]:
        """Search several vector fields at once and merge the hits by reciprocal rank.

        `queries` maps the name of each field to its query; otherwise as for search.
        """
        parts = [
            AnnSearchRequest([_query(query)], field, {}, _checked(limit), filter or None)
            for field, query in queries.items()
        ]
        found = await self._client.hybrid_search(
            collection,
            parts,
            RRFRanker(),
            limit=limit,
            output_fields=await self._fields(collection, output_fields),
        )
        return {"hits": _plain([dict(hit) for hit in found[0]])}

    async def query(
        self,
        collection: str,
        filter: str = "",
        limit: int = 20,
        output_fields: list[str] | None = None,
    ) -> dict[str, Any]:
        """Return rows that pass a filter, without a search.

        `output_fields` of ["count(*)"] counts them instead.
        """
        if output_fields == ["count(*)"]:
            counted = await self._client.query(collection, filter, output_fields)
            return {"rows": _plain(list(counted))}
        fields = await self._fields(collection, output_fields)
        found = await self._client.query(collection, filter, fields, limit=_checked(limit))
        return {"rows": _plain(list(found))}

    async def insert(self, collection: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Insert rows, each an object from field name to value; vectors are lists of numbers."""
        found = await self._client.insert(collection, rows)
        return {"inserted": found["insert_count"], "ids": _plain(list(found["ids"]))}

    async def _fields(self, collection: str, asked: list[str] | None) -> list[str]:
        """Return the fields to show: those asked for, or all that are no vectors."""
        if asked is not None:
            return asked
        found = await self._client.describe_collection(collection)
        names = [each["name"] for each in found["fields"] if "VECTOR" not in each["type"].name]
        return [*names, "$meta"] if found["enable_dynamic_field"] else names


def _field(given: dict[str, Any]) -> dict[str, Any]:
    kept = {"name": given["name"], "type": given["type"].name, "params": _plain(given["params"])}
    marks = ("is_primary", "auto_id", "nullable", "is_function_output")
    return kept | {name: True for name in marks if given.get(name)}


def _query(given: list[float] | dict[str, float] | str) -> Any:
    """Return a query as the client takes it; JSON has only texts as keys."""
    return {int(key): weight for key, weight in given.items()} if isinstance(given, dict) else given


def _checked(limit: int) -> int:
    if not 1 <= limit <= MOST_ROWS:
        raise ParamError(message=f"limit should be from 1 to {MOST_ROWS}, but is {limit}")
    return limit


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return orjson.loads(orjson.dumps(value, default=_other, option=_OPTIONS))


def _other(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return list(value) if hasattr(value, "__iter__") else str(value)
