# make_sync: by hand
"""Which backend an address leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiomilvus.client.address import Address
    from aiomilvus.client.backends.backend import AsyncBackend


def open_backend(address: Address) -> AsyncBackend:
    """Return the backend of an address. Nothing is opened before the first call."""
    if not address.is_embedded:
        from aiomilvus.client.backends.remote.asynchronous import (  # noqa: PLC0415 - only who connects pays
            AsyncRemote,
        )

        return AsyncRemote(address)
    from aiomilvus.client.backends.embedded.asynchronous import (  # noqa: PLC0415 - only who embeds pays
        AsyncEmbedded,
    )

    return AsyncEmbedded(address)
