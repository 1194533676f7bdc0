"""The counts of workers that ended: moved under a lock that nobody can hold for ever."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from aiomilvus.server import shared_counts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is one worker")


def test_a_lock_that_a_stopped_process_holds_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_counts, "_PATIENCE_SECONDS", 0.02)
    with shared_counts.summing_up(str(tmp_path)):
        with shared_counts.summing_up(str(tmp_path)):
            pass  # who sums up shares it
        with pytest.raises(TimeoutError, match="the counts of all workers are locked"):
            shared_counts.keep_counts_of_ended(str(tmp_path), 1)
    shared_counts.keep_counts_of_ended(str(tmp_path), 1)
