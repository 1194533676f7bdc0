"""Shorter turns of the interpreter's threads while an asynchronous client is open.

A thread that runs Python keeps the interpreter for 5 ms when others want it, and a turn of an
event loop asks for it twice: writes and builds in threads would hold up the loop for 10 ms. With
0.5 ms the loop goes on after one. Only Python's own setting is changed, never one that the
program made, and it is set back when the last client is closed.
"""

from __future__ import annotations

import os
import sys
from threading import RLock

USUAL = 0.005
"""Seconds of a turn in Python that nobody has changed."""
BRIEF = 0.0005
"""Seconds of a turn while clients are open."""

_lock = RLock()
"""Taken again where the collection of garbage within finds an unclosed client."""
_holders = 0
_changed = False
"""Whether the setting was changed here."""


def shorten_switch_interval() -> None:
    """Shorten the turns; each call needs one of `restore_switch_interval`."""
    global _holders, _changed  # noqa: PLW0603 - the setting is one for the process, too
    with _lock:
        _holders += 1
        if _holders == 1 and sys.getswitchinterval() == USUAL:
            sys.setswitchinterval(BRIEF)
            _changed = True


def restore_switch_interval() -> None:
    """Restore the setting with the last call, unless the program has changed it meanwhile."""
    global _holders  # noqa: PLW0603 - as above
    with _lock:
        _holders -= 1
        if not _holders:
            _restore()


def _restore() -> None:
    global _changed  # noqa: PLW0603 - as above
    if _changed and sys.getswitchinterval() == BRIEF:
        sys.setswitchinterval(USUAL)
    _changed = False


def _forget() -> None:
    """Start over in a forked child, whose copies of clients are unusable."""
    global _lock, _holders  # noqa: PLW0603 - as above
    _lock = RLock()
    _restore()
    _holders = 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
