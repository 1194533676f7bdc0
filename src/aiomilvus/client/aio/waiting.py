# make_sync: by hand
"""Pausing between two looks at something that is under way."""

from __future__ import annotations

import asyncio


async def pause(seconds: float) -> None:
    """Let `seconds` pass; other tasks run."""
    await asyncio.sleep(seconds)
