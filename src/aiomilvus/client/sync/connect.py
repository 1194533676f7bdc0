# make_sync: by hand
"""Which backend an address leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus import tracing

if TYPE_CHECKING:
    from aiomilvus.client.address import Address
    from aiomilvus.client.backends.backend import SyncBackend


CONNECTING = 10.0
"""Seconds that a server has to answer when the client has no timeout, as in pymilvus."""


def open_backend(address: Address) -> SyncBackend:
    """Return the backend of an address: an embedded database opened, a server connected to.

    Raises:
        MilvusException: Neither is possible.
    """
    backend = _open(address)
    if not tracing.is_on():
        return backend
    from aiomilvus.client.backends.traced import Traced  # noqa: PLC0415 - only who traces pays

    place = tracing.Peer() if address.is_embedded else tracing.Peer.of(address.uri)
    return Traced(backend, place)


def _open(address: Address) -> SyncBackend:
    if not address.is_embedded:
        from aiomilvus.client.backends.remote.synchronous import (  # noqa: PLC0415 - only who connects pays
            Remote,
        )

        backend = Remote(address)
        backend.connect(CONNECTING if address.timeout is None else address.timeout)
        return backend
    from aiomilvus.client.backends.embedded.synchronous import (  # noqa: PLC0415 - only who embeds pays
        Embedded,
    )

    return Embedded(address)
