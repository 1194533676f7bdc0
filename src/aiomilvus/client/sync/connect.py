# make_sync: by hand
"""Which backend an address leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus import tracing

if TYPE_CHECKING:
    from aiomilvus.client.address import Address
    from aiomilvus.client.backends.backend import SyncBackend


def open_backend(address: Address) -> SyncBackend:
    """Return the backend of an address; an embedded database is opened at once."""
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

        return Remote(address)
    from aiomilvus.client.backends.embedded.synchronous import (  # noqa: PLC0415 - only who embeds pays
        Embedded,
    )

    return Embedded(address)
