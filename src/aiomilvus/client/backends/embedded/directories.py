"""What the command line does to whole directories: backup and restore."""

from __future__ import annotations

from aiomilvus.engine.upkeep.backup import back_up, restore

__all__ = ["back_up", "restore"]
