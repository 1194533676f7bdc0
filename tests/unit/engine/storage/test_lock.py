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
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(DatabaseLockedError, match=str(other.pid)):
            DirectoryLock(path)
        other.kill()
    DirectoryLock(path).release()


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
silently = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@forks
@silently
def test_a_child_that_outlives_its_parent_does_not_hold_the_parents_lock(tmp_path: Path):
    path = tmp_path / "LOCK"
    code = HOLD.replace("sys.stdin.read()", CHILD)
    reading, writing = os.pipe()
    command = [sys.executable, "-W", "ignore", "-c", code, str(path), str(reading)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=[reading]) as other:
        assert other.stdout is not None
        assert other.stdout.read(5) == b"held\n"
        assert other.stdout.readline() == b"forked\n"
        other.kill()
        other.wait()
        DirectoryLock(path).release()
        os.close(writing)
    os.close(reading)


CHILD = """
import os
if os.fork() == 0:
    print("forked", flush=True)
    os.read(int(sys.argv[2]), 1)  # until the test closes the other end
    os._exit(0)
os.wait()
"""


@forks
@silently
def test_a_lock_is_free_at_once_though_a_child_was_forked_meanwhile(tmp_path: Path):
    lock = DirectoryLock(tmp_path / "LOCK")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    lock.release()
    DirectoryLock(tmp_path / "LOCK").release()
    os.close(writing)
    os.close(reading)
    os.waitpid(child, 0)
