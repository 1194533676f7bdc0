"""Which files clients may make external collections of: those of one folder, if it is given."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from aiomilvus.errors import ParamError
from aiomilvus.model.external_source import local_path
from aiomilvus.model.operations.cluster import RefreshExternalCollection
from aiomilvus.model.operations.collections import CreateCollection

if TYPE_CHECKING:
    from aiomilvus.model.operations.base import Operation


async def check_source(folder: str, operation: Operation[object]) -> None:
    """Refuse an operation that would read files which clients may not.

    Args:
        folder: The folder whose files they may, "" for none.
        operation: What a client asks for.

    Raises:
        ParamError: The source is elsewhere, or there is no such folder.
        NotSupportedError: The source is not on this machine.
    """
    source = ""
    if isinstance(operation, CreateCollection):
        source = operation.schema.external_source
    elif isinstance(operation, RefreshExternalCollection):
        source = operation.external_source
    if source:
        await asyncio.to_thread(_check, folder, source)


def _check(folder: str, source: str) -> None:
    path = local_path(source)
    if not folder:
        message = "this server reads no files of external collections: start it with --external-dir"
        raise ParamError(message=f"{message}: invalid parameter")
    if not path.resolve().is_relative_to(Path(folder).resolve()):
        message = f"external_source {source!r} is not in the server's folder of external files"
        raise ParamError(message=f"{message}: invalid parameter")
