"""The one door to the modules that need numpy: loaded when a client is made, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiomilvus.client.numerics import Numerics


def numerics() -> type[Numerics]:
    """Return the functions that turn arguments into operations and answers into results."""
    from aiomilvus.client.numerics import Numerics  # noqa: PLC0415 - numpy; see above

    return Numerics
