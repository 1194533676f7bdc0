"""`aiomilvus kernels`: what is made ahead is where searches look for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from aiomilvus import MilvusClient
from aiomilvus.cli.main import main
from aiomilvus.engine.index.kernels import loader
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
    assert folder.parent == tmp_path / "cache"
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert before
    assert loader.make(package) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_the_command_tells_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "make", lambda each: Path("/kept") / each.name)
    result = CliRunner().invoke(main, ["kernels"])
    assert result.exit_code == 0
    assert "aiomilvus.engine.index.sparse.kernel_entries: /kept" in result.output.replace(
        os.sep, "/"
    )


def test_the_command_fails_where_nothing_can_be_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "below"))
    monkeypatch.setattr(loader, "_handed_over", {})
    monkeypatch.setattr(loader, "compile_beside", lambda *_: (None, []))
    result = CliRunner().invoke(main, ["kernels"])
    assert result.exit_code == 1
    assert result.output.count("set NUMBA_CACHE_DIR to one that can be") == 3


def test_the_command_says_what_the_system_forbids(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise PermissionError("no code here")

    monkeypatch.setattr(loader, "check_permission", refuse)
    result = CliRunner().invoke(main, ["kernels"])
    assert result.exit_code == 1
    assert "aiomilvus.engine.index.dense.kernel_entries: no code here" in result.output


@pytest.mark.parametrize(
    ("states", "told"),
    [(("compiled",) * 3, "compiled"), (("compiled", "compiled", "none: why"), "none: why")],
)
def test_info_tells_whether_a_directory_is_searched_by_kernels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, states: tuple[str, ...], told: str
) -> None:
    MilvusClient(str(tmp_path / "app.db")).close()
    given = iter(states)
    monkeypatch.setattr(loader, "state", lambda _: next(given))
    result = CliRunner().invoke(main, ["info", str(tmp_path / "app.db")])
    assert f"kernels       {told}\n" in result.output
