"""Files that callers register for analyzers: only those of the server's import folder."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aiomilvus.errors import ParamError
from aiomilvus.model.operations.text import AddFileResource
from aiomilvus.server.rpc_handler import RpcHandler
from aiomilvus.wire.codec.status import success


def file_handlers(folder: str) -> dict[str, RpcHandler]:
    """Return the handler of AddFileResource, which reads files of `folder`; "" allows none."""

    async def add(m: Any, execute: Any) -> Any:
        file = await asyncio.to_thread(_inside, folder, m.path)
        await execute(AddFileResource(name=m.name, path=m.path, file=str(file)))
        return success()

    return {"AddFileResource": RpcHandler(add, AddFileResource.traits.privilege)}


def _inside(folder: str, path: str) -> Path:
    if not folder:
        message = "this server registers no files: start it with an import folder"
        raise ParamError(message=f"{message}: invalid parameter")
    root = Path(folder).resolve()
    found = (root / path.removeprefix("/")).resolve()
    if not found.is_relative_to(root) or not found.is_file():
        message = f"file resource path not exist in the server's import folder: {path}"
        raise ParamError(message=f"{message}: invalid parameter")
    return found
