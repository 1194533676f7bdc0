"""How the engine is doing: what a server tells its operators."""

from __future__ import annotations

from aiomilvus.model.operations.base import Operation
from aiomilvus.model.operations.traits import NOBODY, Kind, Traits
from aiomilvus.model.status import EngineStatus


class GetStatus(Operation[EngineStatus], frozen=True, kw_only=True):
    """Tell what is stored, what is being built, and what waits: for a server, in its process."""

    traits = Traits(Kind.LOOK_UP, NOBODY, remote=False)

    def databases(self) -> None:
        """Return None: it touches all."""
