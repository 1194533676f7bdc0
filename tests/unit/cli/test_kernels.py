"""`aiomilvus kernels`: what is made ahead is where searches look for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from aiomilvus.cli.main import main
from aiomilvus.engine.index.kernels import loader, store
from aiomilvus.engine.index.kernels.store import Kernels

SOURCE = """
import numba
@numba.njit("void(int64[::1])")
def twice(values):
    values[0] *= 2
ENTRIES = (twice,)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kernels:
    folder = tmp_path / f"made_{tmp_path.name}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "small.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return Kernels(f"{folder.name}.small")


def test_kernels_are_made_once_where_the_environment_says(
    package: Kernels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    folder = loader.make(package)
    assert folder is not None
    assert folder.parent == tmp_path / "cache"
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert before
    assert loader.make(package) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.skipif(sys.platform != "linux", reason="the folder is Linux'")
def test_kernels_beside_which_nothing_can_be_written_are_kept_for_the_user(
    package: Kernels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    beside = package.source().parent
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda at, mode: beside not in (at, *at.parents) and access(at, mode)
    )
    path = store.place_for(store.paths_of(package))
    assert path is not None
    assert path.parent.parent == tmp_path / "home" / "numba"


def test_the_command_tells_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "make", lambda each: Path("/kept") / each.name)
    result = CliRunner().invoke(main, ["kernels"])
    assert result.exit_code == 0
    assert "aiomilvus.engine.index.sparse.kernel_entries: /kept" in result.output.replace(
        os.sep, "/"
    )


def test_the_command_fails_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "make", lambda _: None)
    result = CliRunner().invoke(main, ["kernels"])
    assert result.exit_code == 1
    assert "NUMBA_CACHE_DIR" in result.output
