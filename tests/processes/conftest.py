"""Other processes that have the test's directory open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.other_process import OtherProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "shared.db"


@pytest.fixture
def other(folder: Path) -> Iterator[Callable[[], OtherProcess]]:
    """Start processes that open the directory; they are ended behind the test."""
    started: list[OtherProcess] = []

    def start() -> OtherProcess:
        process = OtherProcess(folder)
        started.append(process)
        return process

    yield start
    for process in started:
        process.end()
