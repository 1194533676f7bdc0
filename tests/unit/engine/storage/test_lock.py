"""One process per directory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aiomilvus.engine.storage.lock import DirectoryLock
from aiomilvus.errors import DatabaseLockedError

HOLD = """
import sys
from pathlib import Path
from aiomilvus.engine.storage.lock import DirectoryLock
lock = DirectoryLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_the_error_names_the_process_that_holds_the_lock(tmp_path: Path):
    path = tmp_path / "LOCK"
    lock = DirectoryLock(path)
    with pytest.raises(DatabaseLockedError, match=f"process {os.getpid()}"):
        DirectoryLock(path)
    lock.release()


def test_a_released_lock_can_be_taken_again(tmp_path: Path):
    lock = DirectoryLock(tmp_path / "LOCK")
    lock.release()
    lock.release()
    DirectoryLock(tmp_path / "LOCK").release()


def test_a_killed_process_leaves_no_lock_behind(tmp_path: Path):
    path = tmp_path / "LOCK"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseLockedError, match=str(other.pid)):
            DirectoryLock(path)
        other.kill()
    DirectoryLock(path).release()
