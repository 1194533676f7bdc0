# make_sync: by hand
"""Which backend an address leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.errors import NotSupportedError

if TYPE_CHECKING:
    from aiomilvus.client.address import Address
    from aiomilvus.client.backend import SyncBackend


def open_backend(address: Address) -> SyncBackend:
    """Return the backend of an address; an embedded database is opened at once.

    Raises:
        NotSupportedError: The address is a server's.
    """
    if not address.is_embedded:
        raise NotSupportedError(
            message=f"connecting to a server ({address.uri}) is not supported yet"
        )
    from aiomilvus.client.embedded.synchronous import (  # noqa: PLC0415 - only who embeds pays
        Embedded,
    )

    return Embedded(address)
