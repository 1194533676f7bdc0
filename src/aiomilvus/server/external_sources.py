"""Which files clients may make external collections of: those of one folder, if it is given."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from aiomilvus.errors import ParamError
from aiomilvus.model.external_source import links_in, local_path
from aiomilvus.model.operations.cluster import RefreshExternalCollection
from aiomilvus.model.operations.collections import CreateCollection, DescribeCollection

if TYPE_CHECKING:
    from aiomilvus.client.backends.backend import AsyncBackend
    from aiomilvus.model.operations.base import Operation


async def check_source(folder: str, operation: Operation[object], backend: AsyncBackend) -> None:
    """Refuse an operation that would read files which clients may not.

    A refresh that names no source reads that of the collection, which may have been made while
    the server was given another folder, or none.

    Args:
        folder: The folder whose files they may, "" for none.
        operation: What a client asks for.
        backend: Tells the source of a collection.

    Raises:
        ParamError: The source, or a file that it leads to, is elsewhere; or there is no such
            folder.
        NotSupportedError: The source is not on this machine.
    """
    source = ""
    if isinstance(operation, CreateCollection):
        source = operation.schema.external_source
    elif isinstance(operation, RefreshExternalCollection):
        source = operation.external_source or await _stored(operation, backend)
    if source:
        await asyncio.to_thread(_check, folder, source)


async def _stored(operation: RefreshExternalCollection, backend: AsyncBackend) -> str:
    asked = DescribeCollection(db=operation.db, collection=operation.collection)
    found = await backend.execute(asked, None)
    return found.schema.external_source


def _check(folder: str, source: str) -> None:
    path = local_path(source)
    if not folder:
        message = "this server reads no files of external collections: start it with --external-dir"
        raise ParamError(message=f"{message}: invalid parameter")
    try:
        allowed = Path(folder).resolve()
        if not path.resolve().is_relative_to(allowed):
            message = f"external_source {source!r} is not in the server's folder of external files"
            raise ParamError(message=f"{message}: invalid parameter")
        for file in links_in(path) if path.is_dir() else ():
            if not file.resolve().is_relative_to(allowed):
                message = f"external_source {source!r}: {file} is a link that leads out of the"
                what = "server's folder of external files"
                raise ParamError(message=f"{message} {what}: invalid parameter")
    except (OSError, RuntimeError) as error:  # the second one tells of links in a circle
        message = f"external_source {source!r} can't be looked at: {error}"
        raise ParamError(message=f"{message}: invalid parameter") from error
