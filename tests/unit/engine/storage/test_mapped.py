"""Memory of mapped files is given back, and comes back when it is needed."""

import mmap
import sys
from pathlib import Path

import numpy as np
import pytest

from aiomilvus.engine.storage.container import map_container, write_container
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.storage.mapped import map_of, release

PAGES = 64
VALUES = np.arange(PAGES * mmap.PAGESIZE // 8, dtype=np.int64)
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def mapped(tmp_path: Path) -> np.ndarray:
    write_container(FileSystem(), tmp_path / "f", {"a": VALUES})
    return map_container(FileSystem(), tmp_path / "f").arrays["a"]


def resident(path: Path) -> int:
    """Bytes of a mapped file that this process has in memory."""
    found, inside = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split(" ", 1)[0]:
            inside = line.endswith(str(path))
        elif inside and line.startswith("Rss:"):
            found += 1024 * int(line.split()[1])
    return found


def test_a_part_that_was_given_back_is_read_again(mapped: np.ndarray):
    assert (mapped == VALUES).all()
    for part in (mapped, mapped[3:1_000], mapped[-5:], mapped[7:8], mapped[:0]):
        release(part)
        assert (mapped == VALUES).all()


@linux
def test_giving_back_frees_the_pages_of_that_part(mapped: np.ndarray, tmp_path: Path):
    assert int(mapped.sum()) == int(VALUES.sum())
    whole = resident(tmp_path / "f")
    assert whole >= VALUES.nbytes
    release(mapped[: len(mapped) // 2])
    left = resident(tmp_path / "f")
    assert whole // 3 < left < whole * 2 // 3
    release(mapped)
    # What else the system maps around a page that is touched may stay.
    assert resident(tmp_path / "f") < left


def test_arrays_of_ones_own_are_left_alone(tmp_path: Path):
    own = np.arange(10_000)
    release(own)
    assert own.sum() == 49_995_000
    assert map_of(own) is None
    (tmp_path / "f").write_bytes(bytes(mmap.PAGESIZE))
    for mode in ("r+", "c"):
        changed = np.memmap(tmp_path / "f", np.uint8, mode)
        changed[:] = 7
        release(changed)
        assert map_of(changed) is None
        assert (changed == 7).all()
