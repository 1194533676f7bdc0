"""Simulated losses of power and failing calls cost nothing that was acknowledged.

A bounded part with fixed seeds; ``make torture SEEDS=0-1000`` tries as many as one likes. In
processes of their own, because a seed does the same again only with hashes that are the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.soak import Use, grown, soak
from tests.simulation.torture import FIXED

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="asks the system what is appended to"),
]


def run(*command: str) -> str:
    ended = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_nothing_acknowledged_is_lost_and_nothing_hangs():
    told: dict[str, Any] = json.loads(run("-m", "tests.simulation.torture", "1-3", "--states", "5"))
    assert told["failed"] == []
    assert told["states"] == 3 * 4 * 5
    assert told["failures"] >= 3


_HISTORY = """
import os, sys, tempfile
from pathlib import Path
from tests.simulation.torture import FIXED
if any(os.environ.get(name) != value for name, value in FIXED.items()):
    os.execve(sys.executable, sys.orig_argv, {**os.environ, **FIXED})
from tests.simulation.disk import Faults
from tests.simulation.history import hurry
from tests.simulation.life import live
hurry()
trace = live(Path(tempfile.mkdtemp()) / "db", 5, (), Faults(at=30, count=2, only='sync'))
for event in trace.events:
    if event.kind == "write":
        print(event.kind, event.node, event.detail[0], len(event.detail[1]))
    else:
        print(event)
"""


def test_one_seed_does_the_same_again():
    once = run("-c", _HISTORY)
    assert once.count("\n") > 200
    assert run("-c", _HISTORY) == once
    assert FIXED


def test_a_soak_measures_and_compares(tmp_path: Path):
    told = soak(tmp_path / "db", 0.5, every=0.1)
    assert told[-1].steps > 0
    assert min(told[-1][:4]) > 0


def test_what_grows_is_told():
    flat = Use(100.0, 20, 5, 1.0, 1)
    assert grown([flat] * 20) == []
    assert grown([flat] * 19 + [flat._replace(descriptors=30)]) == ["descriptors: 20 → 30"]
