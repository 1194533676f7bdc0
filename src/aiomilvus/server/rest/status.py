"""What the engine tells of itself, as far as a caller may see the collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.model.operations.collections import ListCollections
from aiomilvus.model.operations.databases import ListDatabases
from aiomilvus.model.operations.status import GetStatus

if TYPE_CHECKING:
    from aiomilvus.model.status import EngineStatus
    from aiomilvus.server.rest.call import Call


async def visible_status(call: Call) -> EngineStatus:
    """Return the status with those databases and collections alone that the caller may see."""
    found = await call.service.backend.execute(GetStatus(), None)
    databases = await call.service.execute(ListDatabases(), call.caller)
    seen = set()
    for db in databases:
        names = await call.service.execute(ListCollections(db=db), call.caller)
        seen |= {(db, name) for name in names}
    collections = tuple(each for each in found.collections if (each.db, each.name) in seen)
    return msgspec.structs.replace(found, databases=tuple(databases), collections=collections)
