"""The machine is told by Milvus' names, in its units."""

from __future__ import annotations

import os
import sys

import pytest

from aiomilvus.server.machine import hardware


def test_processors_and_their_use_are_told() -> None:
    told = hardware()
    assert told["cpu_core_count"] == os.cpu_count()
    assert 0 <= float(told["cpu_core_usage"]) <= 100


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell it elsewhere")
def test_the_process_uses_a_part_of_the_memory() -> None:
    told = hardware()
    assert 1 << 20 < int(told["memory_usage"]) < int(told["memory"])
