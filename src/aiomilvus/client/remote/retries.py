"""Which calls gRPC may repeat, and how: its own retry policy, which keeps the call's deadline.

gRPC waits between tries with growing, random delays. Only RPCs whose repetition has the effect
of one call are repeated, and only when the server could not be reached or gave up the call.
"""

from __future__ import annotations

import msgspec

from aiomilvus.wire.proto.pool import service
from aiomilvus.wire.table.lookup import ROUTES

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
    safe = sorted({route.name for route in ROUTES if route.repeatable})
    methods = [{"service": name, "method": method} for method in safe]
    config = {"methodConfig": [{"name": methods, "retryPolicy": _POLICY}]}
    return msgspec.json.encode(config).decode()
