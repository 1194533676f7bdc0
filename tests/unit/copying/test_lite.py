"""A directory of milvus-lite is named as such where its package is missing."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from aiomilvus.copying import copy
from aiomilvus.errors import ConnectionConfigException

if TYPE_CHECKING:
    from pathlib import Path


def lite(path: Path) -> Path:
    (path / "collections").mkdir(parents=True)
    (path / "LOCK").touch()
    return path


async def test_without_its_package_the_copy_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    source = lite(tmp_path / "lite.db")
    monkeypatch.setitem(sys.modules, "milvus_lite.db", None)
    with pytest.raises(ConnectionConfigException, match="pip install 'milvus-lite"):
        await copy(source, tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


async def test_what_its_package_can_not_open_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    source = lite(tmp_path / "lite.db")
    manager = ModuleType("milvus_lite.server_manager")
    manager.server_manager_instance = SimpleNamespace(  # type: ignore[attr-defined]
        start_and_get_uri=lambda _path: None
    )
    for name in ("milvus_lite", "milvus_lite.db"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, manager.__name__, manager)
    with pytest.raises(ConnectionConfigException, match=r"can't open .*lite.db"):
        await copy(source, tmp_path / "new.db")
