"""Which calls are repeated, and when.

gRPC's own retry policy, which keeps the call's deadline, repeats RPCs whose repetition has the
effect of one call, when the server could not be reached or gave up the call. What a server
refused because it has too much to do was not begun, and may be sent again whatever it is.
Both wait between tries with growing, random delays.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.wire.proto.pool import service
from aiomilvus.wire.table.lookup import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

REPEATABLE = frozenset(route.name for route in ROUTES if route.repeatable)
"""The RPCs whose repetition has the effect of one call."""
_FIRST_DELAY, _LAST_DELAY = 0.02, 3.0
_POLICY = {
    "maxAttempts": 5,
    "initialBackoff": "0.1s",
    "maxBackoff": "2s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


def service_config() -> str:
    """Return the gRPC service configuration as JSON."""
    name = service().full_name
    methods = [{"service": name, "method": method} for method in sorted(REPEATABLE)]
    config = {"methodConfig": [{"name": methods, "retryPolicy": _POLICY}]}
    return msgspec.json.encode(config).decode()


def backoff() -> Iterator[float]:
    """Yield the seconds to wait before each further try: random, up to a bound that doubles."""
    bound = _FIRST_DELAY
    while True:
        yield random.uniform(bound / 2, bound)  # noqa: S311 - jitter, no secret
        bound = min(2 * bound, _LAST_DELAY)
