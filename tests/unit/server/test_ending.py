"""A stop is over in time, whatever holds the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aiomilvus.server.ending import for_requests

HELD = {
    "the loop": "time.sleep(60)",
    "the interpreter": "re.match('(a+)+b', 'a' * 40)",
    "its end": "threading.Thread(target=time.sleep, args=[60]).start()",
}
PROGRAM = """
import asyncio, re, threading, time
from aiomilvus.server import ending
ending.LEAST = 0.1

async def stop():
    ending.end_within(0)
    await asyncio.sleep(0)
    {held}

asyncio.run(stop())
"""


@pytest.mark.parametrize("held", HELD.values(), ids=HELD.keys())
def test_a_process_ends_whatever_holds_it(held: str) -> None:
    command = [sys.executable, "-c", PROGRAM.format(held=held)]
    ended = subprocess.run(command, check=False, timeout=50, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Traceback" not in ended.stderr


def test_it_is_told_where_the_loop_goes_on() -> None:
    command = [sys.executable, "-c", PROGRAM.format(held="await asyncio.sleep(60)")]
    ended = subprocess.run(command, check=False, timeout=50, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "is ended as it is: what it acknowledged is kept" in ended.stderr


def test_a_process_lives_on_where_only_a_part_of_it_has_stopped() -> None:
    held = "ending.stopped(); time.sleep(1); print('lives')"
    command = [sys.executable, "-c", PROGRAM.format(held=held)]
    ended = subprocess.run(command, check=False, timeout=50, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "lives\n")


def test_the_rest_of_the_time_holds_again_for_a_process_that_ends() -> None:
    held = "ending.stopped(); ending.finish(); time.sleep(60)"
    command = [sys.executable, "-c", PROGRAM.format(held=held)]
    ended = subprocess.run(command, check=False, timeout=50, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (1, "")


@pytest.mark.parametrize(("grace", "seconds"), [(0, 0), (2, 1.4), (10, 7), (60, 57)])
def test_requests_have_most_of_a_grace(grace: float, seconds: float) -> None:
    assert for_requests(grace) == pytest.approx(seconds)
