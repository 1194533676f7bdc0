"""distributions/milvus-lite-hook: an unmodified pymilvus opens a path on our engine."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aiomilvus import MilvusClient

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "distributions" / "milvus-lite-hook" / "src"
STAND = SOURCES / "aiomilvus_lite_hook"
STORY = Path(__file__).parent / "scenarios" / "pymilvus_story.py"


def run(folder: Path, *arguments: str, path: Path = STAND) -> subprocess.CompletedProcess[str]:
    """Run Python with the stand-in before an installed milvus-lite."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(path), str(ROOT / "src")])}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_application_works_on_a_path(tmp_path: Path) -> None:
    pytest.importorskip("pymilvus", reason="pymilvus is not installed")
    hows = ["async", "sync", "orm"]
    done = run(tmp_path, str(STORY), "./app.db", *hows)
    assert done.returncode == 0, done.stderr
    assert [line.split()[::2] for line in done.stdout.splitlines()] == [
        ["pymilvus", how] for how in hows
    ]
    assert (tmp_path / "app.db" / "catalog.sqlite").is_file()


def manager() -> ModuleType:
    """Return the stand-in's module, whatever is installed."""
    file = STAND / "milvus_lite" / "server_manager.py"
    spec = spec_from_file_location("stand_in_server_manager", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_path_has_one_server_until_it_is_released(tmp_path: Path) -> None:
    servers = manager().ServerManager()
    try:
        uri = servers.start_and_get_uri(str(tmp_path / "one.db"))
        assert servers.start_and_get_uri(str(tmp_path / "one.db")) == uri
        assert servers.start_and_get_uri(str(tmp_path / "other.db")) != uri
        with MilvusClient(uri) as client:
            client.create_collection("things", dimension=2)
        servers.release_server(str(tmp_path / "one.db"))
        with MilvusClient(str(tmp_path / "one.db")) as client:
            assert client.list_collections() == ["things"]
    finally:
        servers.release_all()


def test_a_directory_of_milvus_lite_is_refused_with_what_moves_it(tmp_path: Path) -> None:
    exceptions = pytest.importorskip("pymilvus.exceptions", reason="pymilvus is not installed")
    (tmp_path / "lite.db" / "collections").mkdir(parents=True)
    (tmp_path / "lite.db" / "LOCK").touch()
    servers = manager().ServerManager()
    try:
        with pytest.raises(exceptions.ConnectionConfigException, match="aiomilvus copy"):
            servers.start_and_get_uri(str(tmp_path / "lite.db"))
    finally:
        servers.release_all()


FOUND = """
import site, sys
site.addsitedir(sys.argv[1])
from importlib.util import find_spec
print(find_spec("milvus_lite.server_manager").origin)
"""


@pytest.mark.parametrize("beside", [False, True])
def test_installed_beside_milvus_lite_it_is_found_second(tmp_path: Path, *, beside: bool) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    for each in SOURCES.iterdir():
        (packages / each.name).symlink_to(each)
    if beside:
        (packages / "milvus_lite").mkdir()
        for name in ("__init__.py", "server_manager.py"):
            (packages / "milvus_lite" / name).touch()
    done = run(tmp_path, "-S", "-c", FOUND, str(packages), path=tmp_path)
    expected = packages / ("milvus_lite" if beside else "aiomilvus_lite_hook/milvus_lite")
    assert done.stdout.strip() == str(expected / "server_manager.py"), done.stderr
