"""Whoever watches misses nothing and is told nothing twice, whichever process is killed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support import watched_kills

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
KILLS = int(os.environ.get("KILLS", "6"))
"""``KILLS=100 pytest tests/crash/test_kill_watching.py`` takes a few minutes."""


@pytest.mark.parametrize("seed", [1, 2])
def test_every_change_is_told_once_through_all_kills(tmp_path: Path, seed: int) -> None:
    outcome = watched_kills.survive(tmp_path, seed, KILLS)
    watched_kills.check(outcome, seed)
    assert outcome.told
    assert outcome.done
