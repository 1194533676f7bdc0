"""A server in a thread of its own whose calls are recorded, and messages as plain data."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from aiomilvus.server import serve
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.proto.rpc import rpc
from tests.support.faulty import Gateway

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.support.faulty import Call


@contextmanager
def recorded(path: Path) -> Iterator[Gateway]:
    """Serve the database at `path`, and yield the gateway that clients connect to."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    server = serve(path, port=0, grace=1.0)
    run(server.start())
    gateway = Gateway(server.uri)
    run(gateway.__aenter__())
    try:
        yield gateway
    finally:
        run(gateway.__aexit__())
        run(server.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def request_of(call: Call) -> dict[str, Any]:
    """Return the request of a call as plain data, with the messages that stand in bytes."""
    found = as_data(rpc(call.name).request.FromString(call.content))
    if "schema" in found and isinstance(found["schema"], bytes):
        found["schema"] = as_data(pb.CollectionSchema.FromString(found["schema"]))
    return found


def as_data(message: Any) -> dict[str, Any]:
    """Return a message as dicts and lists; pairs of key and value are one dict."""
    found: dict[str, Any] = {}
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            found[field.name] = {str(key): _item(value[key]) for key in value}
        elif isinstance(value, (Message, str, bytes)) or not hasattr(value, "__len__"):
            found[field.name] = _item(value)
        else:
            found[field.name] = _list(_item(each) for each in value)
    return found


def _item(value: Any) -> Any:
    return as_data(value) if isinstance(value, Message) else value


def _list(items: Iterable[Any]) -> Any:
    found = list(items)
    are_pairs = all(isinstance(each, dict) and each.keys() <= {"key", "value"} for each in found)
    if found and are_pairs:
        return {each.get("key", ""): each.get("value", "") for each in found}
    return found
