"""``export`` and ``import``: of a directory and a server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from aiomilvus import MilvusClient
from aiomilvus.cli.main import main
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["directory", "server"])
def target(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with MilvusClient(str(tmp_path / "app.db")) as client:
        for name in ("one", "two"):
            client.create_collection(name, dimension=2)
        client.insert("one", [{"id": n, "vector": [n, 1], "n": n} for n in range(10)])
    if request.param == "directory":
        yield str(tmp_path / "app.db")
    else:
        with serving(tmp_path / "app.db") as uri:
            yield uri


def test_rows_go_out_and_come_in(target: str, tmp_path: Path) -> None:
    file = str(tmp_path / "rows.parquet")
    words = ["export", target, "one", file, "--filter", "n < 4"]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, done.output) == (0, f"4 rows exported to {file}\n")
    again = CliRunner().invoke(main, words)
    assert again.exit_code == 1
    assert "--overwrite" in again.output
    assert CliRunner().invoke(main, [*words, "--overwrite"]).exit_code == 0
    done = CliRunner().invoke(main, ["import", target, "two", file, "--json"])
    assert json.loads(done.output) == {"collection": "two", "file": file, "rows": 4}
    counted = CliRunner().invoke(main, ["query", target, "two", "--count", "--json"])
    assert json.loads(counted.output) == [{"count(*)": 4}]


def test_a_row_that_does_not_fit_is_named(target: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"id": 1, "vector": [1]}\n')
    done = CliRunner().invoke(main, ["import", target, "two", str(file)])
    assert done.exit_code == 1
    assert "vector" in done.output
    assert "Traceback" not in done.output
