"""Where compiled kernels are kept, what decides which file that is, and which ones are taken."""

from __future__ import annotations

import ast
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.index.dense import kernel_access as dense
from aiomilvus.engine.index.kernels import store
from aiomilvus.engine.index.kernels.calls import Argument, Compiled
from aiomilvus.engine.index.sparse import kernel_access as sparse

if TYPE_CHECKING:
    from collections.abc import Callable

pytest.importorskip("llvmlite")

COMPILED = [Compiled("own", (Argument("<f4", 2, is_written=True),), "symbol", b"code")]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="files have no such owners there")


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return [tmp_path / folder / "own-00-11.code" for folder in ("first", "second")]


def test_what_is_kept_is_found_in_the_first_place_that_can_be_written(paths: list[Path]) -> None:
    paths[0].parent.touch()  # a file where a folder would have to be
    assert store.find(paths) is None
    assert store.keep(paths, COMPILED) == paths[1]
    assert store.find(paths) == (paths[1], COMPILED)


def test_nothing_is_left_of_what_could_not_be_written(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(Path, "replace", refuse)
    assert store.keep(paths, COMPILED) is None
    assert [list(each.parent.iterdir()) for each in paths] == [[], []]


@POSIX
def test_all_may_read_and_one_may_write_whatever_the_umask(paths: list[Path]) -> None:
    for mask in (0o000, 0o077):
        before = os.umask(mask)
        try:
            store.keep(paths, COMPILED)
        finally:
            os.umask(before)
        assert paths[0].stat().st_mode & 0o777 == 0o644


def cut_off(path: Path) -> bytes:
    return path.read_bytes()[:-1]


def flip_a_bit(path: Path) -> bytes:
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    return bytes(data)


def nothing(_: Path) -> bytes:
    return b""


def of_another_name(_: Path) -> bytes:
    return store.packed("other-00-11.code", COMPILED)


def of_another_shape(path: Path) -> bytes:
    return store.packed(path.name, [("own", [("<f4", 2)], "symbol")])  # type: ignore[list-item]


@pytest.mark.parametrize("spoil", [cut_off, flip_a_bit, nothing, of_another_name, of_another_shape])
def test_a_damaged_file_is_as_good_as_none_and_named(
    paths: list[Path], spoil: Callable[[Path], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    store.keep(paths, COMPILED)
    paths[0].write_bytes(spoil(paths[0]))
    assert store.find(paths) is None
    assert str(paths[0]) in caplog.text


@POSIX
@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_file_that_others_may_write_to_is_not_taken(
    paths: list[Path], mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    store.keep(paths, COMPILED)
    paths[0].chmod(mode)
    assert store.find(paths) is None
    assert f"chmod 644 {paths[0]}" in caplog.text


@POSIX
def test_a_file_is_taken_from_this_user_root_and_the_owner_of_the_package(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(store.__file__).stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: 4321)

    def status(owner: int) -> os.stat_result:
        return os.stat_result((0o100644, 1, 1, 1, owner, 0, 10, 0, 0, 0))

    for owner in (4321, 0, package):
        store._check_owner(paths[0], status(owner))
    with pytest.raises(PermissionError, match="belongs to user 4322"):
        store._check_owner(paths[0], status(4322))


@POSIX
@pytest.mark.timeout(20)
def test_a_pipe_is_no_file_and_nobody_waits_for_it(
    paths: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    paths[0].parent.mkdir()
    os.mkfifo(paths[0], 0o600)
    assert store.find(paths) is None
    assert "it is no file" in caplog.text


def test_a_user_without_a_home_has_no_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    source = Path("package", "kernels.py").absolute()
    assert len(store.folders_of(source)) == 2
    monkeypatch.setattr(Path, "home", homeless)
    assert store.folders_of(source) == [source.parent / "__pycache__"]


def name() -> str:
    return store.paths_of(sparse.KERNELS)[0].name


@pytest.mark.parametrize("changed", ["calls.py", "compiling.py", "linking.py", "store.py"])
def test_what_decides_how_kernels_are_called_decides_which_file_they_are_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    package = tmp_path / "kernels"
    shutil.copytree(store.PACKAGE, package)
    before = name()
    monkeypatch.setattr(store, "PACKAGE", package)
    assert name() == before
    (package / changed).write_text("# another version\n", encoding="utf-8")
    assert name() != before


def test_settings_of_numba_decide_which_file_kernels_are_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = name()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert name() == before
    monkeypatch.setenv("NUMBA_OPT", "1")
    assert name() != before


def imported(source: Path, package: str) -> set[str]:
    """Return the modules of this package that a source imports, and what those import in turn."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("aiomilvus"):
            folder, _, module = str(node.module).rpartition(".")
            assert folder == package, f"{source} has code from {node.module}"
            found |= {module} | imported(source.with_name(f"{module}.py"), package)
    return found


@pytest.mark.parametrize("kernels", [dense.KERNELS, sparse.KERNELS])
def test_all_sources_of_kernels_are_known(kernels: store.Kernels) -> None:
    package = kernels.name.rpartition(".")[0]
    assert imported(kernels.source(), package) == set(kernels.parts)
