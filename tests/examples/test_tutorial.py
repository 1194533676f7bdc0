"""The tutorial tells its story to the end, and what it says about the data is true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from examples import tutorial

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_tutorial_runs_on_a_new_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tutorial.main([str(tmp_path)])
    told = capsys.readouterr().out
    rows = tutorial.sample_rows(np.random.default_rng(42))
    expected = sum("random" in row["text"] for row in rows)
    assert told.count(f"data: [\"{{'count(*)': {expected}}}\"]") == 2  # before and after reopening
    assert "{'insert_count': 10000, 'ids': [0, 1, 2, 3, ..., 9999]}" in told
    assert "{'state': <LoadState: Loaded>}" in told
    assert "rows: 10000" in told
    assert "sour milk: milk that has turned sour" in told
