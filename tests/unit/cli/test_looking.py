"""The commands that look into a target: of a directory and of a server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from aiomilvus import DataType, MilvusClient
from aiomilvus.cli.main import main
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def make(path: Path) -> None:
    with MilvusClient(str(path)) as client:
        schema = client.create_schema()
        schema.add_field("key", DataType.VARCHAR, max_length=20, is_primary=True)
        schema.add_field("color", DataType.VARCHAR, max_length=20, nullable=True)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("bits", DataType.BINARY_VECTOR, dim=8)
        indexes = client.prepare_index_params()
        indexes.add_index("v", index_type="FLAT", metric_type="L2")
        indexes.add_index("bits", index_type="BIN_FLAT", metric_type="HAMMING")
        client.create_collection("things", schema=schema, index_params=indexes)
        rows = [
            {"key": f"k{n}", "color": None if n % 2 else "red", "v": [n, 0], "bits": bytes([n])}
            for n in range(5)
        ]
        client.insert("things", rows)
        client.create_alias("things", "stuff")
        client.create_database("other")


@pytest.fixture(params=["directory", "server"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    make(tmp_path / "app.db")
    if request.param == "directory":
        yield str(tmp_path / "app.db")
    else:
        with serving(tmp_path / "app.db") as uri:
            yield uri


def run(*words: str) -> str:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return result.output


def told(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


def test_a_target_is_told_as_text_and_as_json(target: str) -> None:
    found = told("info", target)
    names = {each["name"]: (each["collections"], each["rows"]) for each in found["databases"]}
    assert names == {"default": (1, 5), "other": (0, 0)}
    assert ("bytes" in found) == (found["kind"] == "directory")
    assert "default" in run("info", target)
    assert [each["name"] for each in told("info", target, "--database", "other")["databases"]] == [
        "other"
    ]
    assert told("list", target) == [
        {
            "collection": "things",
            "rows": 5,
            "loaded": True,
            "indexes": ["v", "bits"],
            "aliases": ["stuff"],
        }
    ]
    assert told("list", target, "--database", "other") == []
    assert "stuff" in run("list", target)


def test_a_collection_is_described_and_counted(target: str) -> None:
    found = told("describe", target, "stuff")
    assert [field["name"] for field in found["fields"]] == ["key", "color", "v", "bits"]
    assert {index["index_type"] for index in found["indexes"]} == {"FLAT", "BIN_FLAT"}
    assert (found["load_state"], found["partitions"]) == ("Loaded", ["_default"])
    text = run("describe", target, "things")
    assert "BINARY_VECTOR" in text
    assert "primary key" in text
    counted = told("stats", target, "things")
    assert counted["rows"] == 5
    assert counted["partitions"] == [{"partition": "_default", "rows": 5}]
    assert sum(each["rows"] for each in counted["segments"]) == 5
    assert {each["index"] for each in counted["indexes"]} == {"v", "bits"}
    assert "partition" in run("stats", target, "things")


def test_rows_are_queried_and_searched(target: str) -> None:
    assert told("query", target, "things", "--count") == [{"count(*)": 5}]
    found = told("query", target, "things", "--filter", 'color == "red"', "--limit", "2")
    assert [row["key"] for row in found] == ["k0", "k2"]
    by_key = told("query", target, "things", "--id", "k3", "--field", "color")
    assert by_key == [{"color": None, "key": "k3"}]
    hits = told("search", target, "things", "--vector", "[2.1, 0]", "--vector-field", "v")
    assert [hit["key"] for hit in hits] == ["k2", "k3", "k1", "k4", "k0"]
    assert hits[0]["color"] == "red"
    assert "k2" in run("search", target, "things", "--vector", "[2, 0]", "--vector-field", "v")


def test_the_query_vector_is_read_from_a_file_or_standard_input(tmp_path: Path) -> None:
    make(tmp_path / "app.db")
    (tmp_path / "v.json").write_text("[4, 0]")
    words = ["search", str(tmp_path / "app.db"), "things", "--vector-field", "v", "--json"]
    from_file = told(*words[:-1], "--vector-file", str(tmp_path / "v.json"))
    piped = CliRunner().invoke(main, [*words, "--vector-file", "-"], input="[4, 0]")
    assert json.loads(piped.output) == from_file
    assert from_file[0]["key"] == "k4"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["query", "{}", "none"], 1, "can't find collection"),
        (["query", "{}", "things", "--id", "a", "--filter", "b"], 2, "not both"),
        (["search", "{}", "things"], 2, "--vector, --vector-file and --text"),
        (["search", "{}", "things", "--vector", "[1,"], 2, "not JSON"),
        (["search", "{}", "things", "--vector", "[1, 2]"], 1, "--vector-field"),
        (["search", "{}", "things", "--vector", "[1]", "--param", "ef"], 2, "NAME=VALUE"),
        (["info", "{}", "--database", "none"], 1, "database not found"),
        (["mcp", "{}/nothing"], 3, "there is no database at"),
        (["list", "{}/nothing"], 3, "there is no database at"),
        (["list", ":memory:"], 3, "give a directory"),
        (["list", "{}/catalog.sqlite"], 3, "a database is a directory"),
        (["list", "ftp://somewhere"], 3, "scheme"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, list) else None,
)
def test_what_can_not_be_done_is_said(
    tmp_path: Path, words: list[str], code: int, message: str
) -> None:
    make(tmp_path / "app.db")
    given = [word.replace("{}", str(tmp_path / "app.db")) for word in words]
    result = CliRunner().invoke(main, given)
    assert (result.exit_code, message in result.output) == (code, True), result.output


def test_looking_changes_nothing_and_needs_no_lock(tmp_path: Path) -> None:
    make(tmp_path / "app.db")
    with MilvusClient(str(tmp_path / "app.db")) as client:
        before = {p: p.stat().st_mtime_ns for p in (tmp_path / "app.db").rglob("*")}
        for words in (["info"], ["list"], ["stats", "things"], ["query", "things"]):
            run(words[0], str(tmp_path / "app.db"), *words[1:])
        after = {p: p.stat().st_mtime_ns for p in (tmp_path / "app.db").rglob("*")}
        assert before == after
        assert client.list_collections() == ["things"]


def test_compaction_seals_and_indexes(target: str) -> None:
    found = told("compact", target)
    assert [(each["collection"], each["segments_after"]) for each in found] == [("things", 1)]
    pending = [each["pending"] for each in told("stats", target, "things")["indexes"]]
    assert pending == [0, 0]
