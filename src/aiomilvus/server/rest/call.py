"""One call of the REST API: its body, who makes it, and the way to the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiomilvus.model.operations.data import NO_SCHEMA, nothing_to_search
from aiomilvus.model.schema import DEFAULT_DATABASE
from aiomilvus.server.authentication import Caller
from aiomilvus.wire.table.lookup import BY_RPC

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiomilvus.model.schema import Schema
    from aiomilvus.server.rest.body import Body
    from aiomilvus.server.service import Build, Performed, Service


class Call:
    """A call that is being carried out.

    Args:
        service: Carries requests out.
        body: The JSON body.
        user: Who calls.
        database: The database that the header names, or "".
        numbers: Whether Int64 values are given as numbers, rather than as text.

    Attributes:
        db: Name of the database that the call is about.
        caller: Who calls, and that database.
    """

    __slots__ = ("body", "caller", "db", "numbers", "service")

    def __init__(
        self, service: Service, body: Body, user: str, database: str, *, numbers: bool
    ) -> None:
        self.service = service
        self.body = body
        self.db = body.text("dbName") or database or DEFAULT_DATABASE
        self.caller = Caller(user, self.db)
        self.numbers = numbers

    @property
    def collection(self) -> str:
        """The collection that the body names; it must name one."""
        return self.body.text("collectionName", required=True)

    async def perform(self, rpc: str, message: Any, build: Build | None = None) -> Performed:
        """Carry out the request of an RPC, as this caller."""
        return await self.service.perform(rpc, message, self.caller, build)

    async def ask(self, rpc: str, message: Any) -> Any:
        """Carry out the request of an RPC and return the answer alone."""
        return (await self.perform(rpc, message)).answer

    async def check(self, rpc: str, message: Any) -> None:
        """Refuse what the caller may not."""
        await self.service.check(rpc, message, self.caller)

    async def schema(self, rpc: str, message: Any) -> Schema:
        """Return the schema that a request needs, once the caller may make that request."""
        await self.check(rpc, message)
        name = message.collection_name
        try:
            return await self.service.backend.schema(self.db, name, None)
        except NO_SCHEMA as error:
            if rpc == "Query":
                raise
            raise nothing_to_search(error, self.db, name) from None


Reply = dict[str, Any]
"""A successful response without its code: ``data``, and perhaps more."""


@dataclass(frozen=True)
class Route:
    """One route.

    Attributes:
        path: Below ``/v2/vectordb``.
        rpc: The RPC that it stands for, whose privilege it takes.
        handle: Carries a call out.
        bare: Whether the response has neither code nor ``data``.
    """

    path: str
    rpc: str
    handle: Callable[[Call], Awaitable[Reply]]
    bare: bool = False

    @property
    def changes(self) -> bool:
        """Whether anything is stored differently afterwards."""
        routed = BY_RPC.get(self.rpc)
        return routed is None or routed.operation.traits.kind.changes


def asking(
    path: str,
    rpc: str,
    message: Callable[[Call], Any],
    data: Callable[[Any], Any] | None = None,
) -> Route:
    """Return the route of a single request; without `data` its answer says nothing."""

    async def handle(call: Call) -> Reply:
        found = await call.ask(rpc, message(call))
        return {"data": {} if data is None else data(found)}

    return Route(path, rpc, handle)
