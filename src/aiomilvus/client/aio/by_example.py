"""Searches by examples: the entities are read first, and what they make is searched for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.client.aio.base import AsyncClientBase
from aiomilvus.client.inputs.examples import Examples
from aiomilvus.client.inputs.search_parts import AnnSearchRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.client.requests.examples import Asked
    from aiomilvus.client.time_limit import TimeLimit
    from aiomilvus.expr.builder import Filter
    from aiomilvus.model.schema import Schema


class Sought(NamedTuple):
    """The arguments of a search that examples change."""

    data: object
    filter: str | Filter
    options: dict[str, object]


class AsyncByExample(AsyncClientBase):
    """What examples stand for, told before a search."""

    async def _sought(
        self,
        schema: Schema,
        collection: str,
        given: Sought,
        anns_field: str | None,
        time: TimeLimit,
    ) -> Sought:
        """Return a search's arguments with a vector for examples; others are left alone."""
        if not isinstance(given.data, Examples):
            return given
        options = {**given.options}
        params = options.pop("filter_params", None) or options.pop("expr_params", None)
        where = (schema, collection, anns_field or "", self._conversions.moment_of(options))
        asked = await self._asked(where, given.data, given.filter, params, time)
        options["filter_params"] = asked.params
        return Sought(asked.vectors, asked.filter, options)

    async def _asked(
        self,
        where: tuple[Schema, str, str, int],
        examples: Examples,
        filter: str | Filter,
        params: object,
        time: TimeLimit,
    ) -> Asked:
        """Read the entities that are examples; return what a search asks for that is by them.

        Args:
            where: The schema, the collection's name, the field's, and the moment that is read.
            examples: The examples.
            filter: What else is asked of the hits.
            params: Values of its placeholders.
            time: How long it may take.
        """
        schema, collection, field, at = where
        read = self._conversions.examples_query(schema, self._db, collection, examples, field, at)
        found = None if read is None else await self._backend.execute(read, time.left())
        return self._conversions.asked_by_examples(schema, examples, field, filter, params, found)

    async def _sought_parts(
        self,
        schema: Schema,
        collection: str,
        requests: Sequence[object],
        options: dict[str, object],
        time: TimeLimit,
    ) -> list[object]:
        """Return the parts of a hybrid search, likewise."""
        parts = list(requests)
        for number, part in enumerate(parts):
            if isinstance(part, AnnSearchRequest) and isinstance(part.data, Examples):
                where = (schema, collection, part.anns_field, self._conversions.moment_of(options))
                filter, params = part.expr or "", part.expr_params
                asked = await self._asked(where, part.data, filter, params, time)
                parts[number] = AnnSearchRequest(
                    asked.vectors,
                    part.anns_field,
                    part.param,
                    part.limit,
                    asked.filter,
                    asked.params,
                )
        return parts
