"""A process that takes one step after the other until it is killed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.engine.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

    from aiomilvus.model.operations.base import Operation

    Step = Callable[[Any, int], tuple[Operation[Any] | None, Any]]


def run(step: Step, path: Path, model: Any, number: int, told: Connection) -> None:
    """Change things from step `number` on until killed, telling each step before and after."""
    database = Database(path)
    while True:
        operation, model = step(model, number)
        told.send_bytes(b"begin")
        if operation is not None:
            database.execute(operation)
        told.send_bytes(b"done")
        number += 1
