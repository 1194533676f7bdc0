# make_sync: by hand
"""Which backend an address leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus import tracing

if TYPE_CHECKING:
    from aiomilvus.client.address import Address
    from aiomilvus.client.backends.backend import AsyncBackend


def open_backend(address: Address) -> AsyncBackend:
    """Return the backend of an address. Nothing is opened before the first call."""
    backend = _open(address)
    if not tracing.is_on():
        return backend
    from aiomilvus.client.backends.traced import AsyncTraced  # noqa: PLC0415 - only who traces pays

    place = tracing.Peer() if address.is_embedded else tracing.Peer.of(address.uri)
    return AsyncTraced(backend, place)


def _open(address: Address) -> AsyncBackend:
    if not address.is_embedded:
        from aiomilvus.client.backends.remote.asynchronous import (  # noqa: PLC0415 - only who connects pays
            AsyncRemote,
        )

        return AsyncRemote(address)
    from aiomilvus.client.backends.embedded.asynchronous import (  # noqa: PLC0415 - only who embeds pays
        AsyncEmbedded,
    )

    return AsyncEmbedded(address)
