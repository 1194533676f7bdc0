"""On a full disk everything is refused by a typed error, nothing is lost, and it goes on."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SIZE = "16m"
SCRIPT = 'mount -t tmpfs -o size="$0" tmpfs "$1" && shift && exec "$@"'


@cache
def may_mount() -> bool:
    """Whether a process may have a small file system of its own here."""
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "-rm", "sh", "-c", SCRIPT, SIZE, "/mnt", "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def run(folder: Path, kind: str) -> None:
    """Run all scenarios; what they find wrong is in the failure's text."""
    command = [sys.executable, "-m", "tests.support.full_disk", str(folder), kind]
    if kind == "small":
        command = ["unshare", "-rm", "sh", "-c", SCRIPT, SIZE, str(folder), *command]
    ended = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_on_a_small_file_system_that_is_full(tmp_path: Path):
    if not may_mount():
        pytest.skip("nobody may mount a file system here")
    run(tmp_path, "small")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of file sizes")
def test_where_no_file_may_grow(tmp_path: Path):
    run(tmp_path, "limited")
