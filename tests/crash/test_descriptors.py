"""However many collections, partitions and segments there are, few files are open."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts them in /proc")


def run(path: Path, collections: int, partitions: int, limit: int) -> None:
    module = "tests.support.few_descriptors"
    numbers = [str(each) for each in (collections, partitions, limit)]
    ended = subprocess.run(
        [sys.executable, "-m", module, str(path), *numbers],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_many_collections_are_written_to_closed_and_opened_with_few_descriptors(fast_path: Path):
    run(fast_path / "db", collections=120, partitions=3, limit=96)
