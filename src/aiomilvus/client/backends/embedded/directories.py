"""What the command line does to whole directories: backup, restore, check, upgrade."""

from __future__ import annotations

from aiomilvus.engine.upkeep.backup import back_up, restore
from aiomilvus.engine.upkeep.check import Report, check, is_backup
from aiomilvus.engine.upkeep.upgrade import upgrade

__all__ = ["Report", "back_up", "check", "is_backup", "restore", "upgrade"]
