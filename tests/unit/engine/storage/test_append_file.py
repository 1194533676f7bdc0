"""A growing file that rests is opened again, unless another one has its name by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.storage.files import FileSystem

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_that_rested_goes_on_where_it_was(tmp_path: Path) -> None:
    file = FileSystem().open_append(tmp_path / "log")
    file.append([b"one"])
    assert file.rest()
    file.append([b"two"])
    file.close()
    assert (tmp_path / "log").read_bytes() == b"onetwo"


def test_another_file_of_its_name_is_refused_at_each_use(tmp_path: Path) -> None:
    file = FileSystem().open_append(tmp_path / "log")
    file.append([b"one"])
    assert file.rest()
    (tmp_path / "log").rename(tmp_path / "older")  # kept, so that no new file gets its number
    (tmp_path / "log").write_bytes(b"another's")
    for _ in range(2):
        with pytest.raises(FileNotFoundError, match="removed or replaced"):
            file.append([b"two"])
    file.close()
    assert (tmp_path / "log").read_bytes() == b"another's"
