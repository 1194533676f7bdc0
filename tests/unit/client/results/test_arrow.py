"""Without pyarrow, tables say how to get it."""

import subprocess
import sys

import pytest

from aiomilvus.client.results.arrow import arrow


def test_the_accessor_returns_pyarrow():
    pytest.importorskip("pyarrow")
    assert arrow().array([1, 2]).to_pylist() == [1, 2]


def test_without_pyarrow_the_error_names_the_extra():
    script = """
import sys
sys.modules["pyarrow"] = None
from aiomilvus.client.results.arrow import arrow
try:
    arrow()
except ImportError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60
    )
    assert "aiomilvus[arrow]" in done.stdout


def test_the_engine_and_filters_load_no_pyarrow():
    script = """
import sys
sys.modules["pyarrow"] = None
from aiomilvus import MilvusClient
with MilvusClient(":memory:") as client:
    client.create_collection("c", dimension=2)
    client.insert("c", [{"id": 1, "vector": [1, 2], "t": "abc"}])
    assert client.query("c", filter='t like "a%c" and t =~ "b" and t in ["abc"] and t > "a"')
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
