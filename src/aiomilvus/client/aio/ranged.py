"""Pages of hits from servers without search iterators: each a search in a ring of distances.

Such servers (Milvus before 2.5) know range search. The next page lies between the last distance
handed out and a bound some way beyond it; a ring that holds too few hits is widened. Entities
at the inner edge were handed out before, so the filter leaves them out.

Not every server searches the whole ring: milvus-lite takes the ranges from the five times as many
nearest. So when even the widest ring holds too few, the rest is read as a plain search with an
offset.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiomilvus.client.aio.waiting import filled
from aiomilvus.errors import MilvusException, NotSupportedError, ParamError
from aiomilvus.model.operations.indexes import DescribeIndexes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from aiomilvus.client.aio.base import AsyncClientBase
    from aiomilvus.client.results.pages import SearchPage, Source
    from aiomilvus.client.results.search import Hit
    from aiomilvus.model.schema import Schema

    _Keywords: TypeAlias = dict[str, Any]

_LARGER_IS_NEARER = frozenset({"IP", "COSINE"})
_EDGE = 1e-4
"""Relative width of the inner edge: range search may compute a distance a little differently."""
_WIDEN = 8.0
_TRIES = 4
_FAR = 1e38
_LARGEST_WINDOW = 16384
"""Offset and limit together, which Milvus itself allows; milvus-lite has no bound."""


class AsyncRings:
    """Where a search iterator on such a server stands.

    Args:
        client: Searches.
        collection: Its name.
        timeout: Seconds per search.
        arguments, options: Of the search, as the iterator has them.
    """

    def __init__(
        self,
        client: AsyncClientBase,
        collection: str,
        timeout: float | None,
        arguments: Mapping[str, Any],
        options: _Keywords,
    ) -> None:
        if options.get("round_decimal", -1) != -1:
            raise NotSupportedError(
                message="this server has no search iterators, and without them rounded "
                "distances can't be continued from: leave round_decimal out"
            )
        self._client = client
        self._collection = collection
        self._timeout = timeout
        self._arguments = dict(arguments)
        self._options = options
        self._metric = ""
        self._bound = 0.0
        self._width = 0.0
        self._edge: list[int | str] = []
        self._seen: set[int | str] = set()
        self._offset: int | None = None
        self._ended = False
        self._sources: list[Source] = []
        """The answers that the page under way is taken from."""

    async def begin(self, schema: Schema, page: SearchPage) -> None:
        """Go on after the first page."""
        self._sources = [self._client._conversions.page_source(page, list(page))]
        field = self._arguments.get("anns_field") or schema.vectors[0].name
        asked = DescribeIndexes(db=self._client._db, collection=self._collection, field=field)
        found = await self._client._execute(asked, self._timeout)
        self._metric = next(
            each.params["metric_type"].upper() for each in found if each.field == field
        )
        if self._metric not in _LARGER_IS_NEARER | {"L2"}:
            raise NotSupportedError(
                message=f"this server has no search iterators, and {self._metric} has no range "
                "search that could stand for them"
            )
        self._advance(page)

    async def page(self, schema: Schema, size: int) -> SearchPage:
        """Return the next `size` hits, fewer only at the end."""
        self._sources = self._sources[-1:]
        hits = await self._hits(schema, size)
        return self._client._conversions.chosen_page(hits, self._sources)

    async def _hits(self, schema: Schema, size: int) -> list[Hit]:
        if self._ended:
            return []
        if self._offset is None:
            hits = await self._widened(schema, size)
            if len(hits) >= size:
                self._advance(hits)
                return hits
            self._offset = len(self._seen)
        else:
            hits = []
        return await self._after_offset(schema, size, hits)

    async def _widened(self, schema: Schema, size: int) -> list[Hit]:
        """Return up to `size` hits of the narrowest ring that has as many."""
        hits: list[Hit] = []
        for attempt in range(_TRIES + 1):
            reach = _FAR if attempt == _TRIES else self._width * _WIDEN**attempt
            hits = await self._ring(schema, size, reach)
            if len(hits) >= size:
                break
        return hits

    async def _after_offset(self, schema: Schema, size: int, ring: list[Hit]) -> list[Hit]:
        """Return the next hits by a search with an offset, or what the last ring had."""
        hits = [hit for hit in ring if hit["id"] not in self._seen]
        known = self._seen | {hit["id"] for hit in hits}
        while len(hits) < size and self._offset is not None:
            found = await self._offset_page(schema, size - len(hits), self._offset)
            if not found:
                self._ended = True
                break
            self._offset += len(found)
            fresh = [hit for hit in found if hit["id"] not in known]
            known.update(hit["id"] for hit in fresh)
            hits += fresh
        self._seen = known
        return hits

    async def _offset_page(self, schema: Schema, size: int, offset: int) -> list[Hit]:
        options = {**self._options, "offset": offset}
        try:
            return await self._search(schema, size, self._arguments, options)
        except MilvusException:
            if offset + size <= _LARGEST_WINDOW:
                raise
            return []  # a server with this bound is a Milvus, whose rings are whole

    def _advance(self, page: list[Hit]) -> None:
        if not page:
            self._ended = True
            return
        first, last = float(page[0]["distance"]), float(page[-1]["distance"])
        self._bound = last
        self._width = abs(last - first) or max(abs(last), 1.0) * _EDGE
        near = _EDGE * max(abs(last), _EDGE)
        self._edge = [hit["id"] for hit in page if abs(float(hit["distance"]) - last) <= near]
        self._seen.update(hit["id"] for hit in page)

    async def _ring(self, schema: Schema, size: int, reach: float) -> list[Hit]:
        arguments = {**self._arguments, **self._within(reach)}
        arguments["filter"] = self._filter(schema)
        return await self._search(schema, size, arguments, self._options)

    async def _search(
        self, schema: Schema, size: int, arguments: _Keywords, options: _Keywords
    ) -> list[Hit]:
        client = self._client
        operation = client._conversions.search(
            schema,
            client._db,
            self._collection,
            ids=None,
            limit=size,
            ranker=None,
            options=options,
            **arguments,
        )
        found = await client._execute(operation, self._timeout)
        (hits,) = await filled(client._conversions.search_result(found, -1, at_once=False))
        page = client._conversions.page_of(hits)
        source = client._conversions.page_source(page, list(page))
        self._sources.append(source)
        return list(source.made)

    def _within(self, reach: float) -> _Keywords:
        """Return search parameters that let only a ring of distances through."""
        given = dict(self._arguments.get("search_params") or {})
        params = dict(given.get("params") or {})
        limit = params.get("radius", given.pop("radius", None))
        given.pop("range_filter", None)
        if self._metric in _LARGER_IS_NEARER:
            radius = self._bound - reach
            outer = radius if limit is None else max(radius, float(limit))
        else:
            radius = self._bound + reach
            outer = radius if limit is None else min(radius, float(limit))
        params.update(radius=outer, range_filter=self._bound)
        return {"search_params": {**given, "params": params}}

    def _filter(self, schema: Schema) -> str:
        given = self._arguments.get("filter") or ""
        if not isinstance(given, str):
            raise ParamError(message="iteration on this server needs the filter as a text")
        unseen = f"{schema.primary.name} not in {json.dumps(self._edge)}"
        return f"({given}) and {unseen}" if given else unseen
