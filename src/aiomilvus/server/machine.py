"""What Milvus' tools show of the machine that a server runs on, as far as the system tells it."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

_BEGAN = time.monotonic()
_STATM = Path("/proc/self/statm")
"""Linux tells there how many pages of a process are in memory, after those of its addresses."""


def hardware() -> dict[str, str | int | float]:
    """Return the machine by Milvus' names: bytes, and the percent of all processors.

    What the process has used of them is since it began.
    """
    cores = os.cpu_count() or 1
    elapsed = max(time.monotonic() - _BEGAN, 1e-3)
    told: dict[str, str | int | float] = {
        "os": platform.system(),
        "arch": platform.machine(),
        "cpu_core_count": cores,
        "cpu_core_usage": round(min(100 * time.process_time() / elapsed / cores, 100.0), 2),
    }
    if hasattr(os, "sysconf"):
        page = os.sysconf("SC_PAGE_SIZE")
        told["memory"] = page * os.sysconf("SC_PHYS_PAGES")
        if _STATM.exists():
            told["memory_usage"] = page * int(_STATM.read_text().split()[1])
    return told
