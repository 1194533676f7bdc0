"""The field's own benchmark finds everything that it waits for, and what it searches for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.interop.scenarios.vectordbbench_story import tell
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path


def test_vectordbbench_comes_to_its_end(tmp_path: Path) -> None:
    with serving(tmp_path / "x.db") as uri:
        story = tell(uri, rows=1500, dim=16)
    assert story.segments == [1500]
    assert min(story.recall) > 0.9
    assert story.looks["sorted"] == 0  # a segment is sorted from the start
