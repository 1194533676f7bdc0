"""A check finds what is damaged, names it, and finds nothing where nothing is."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import DataType, Function, FunctionType, MilvusClient
from aiomilvus.engine.index.scalar.array_values import ElementIndex
from aiomilvus.engine.index.scalar.inverted import ValueIndex
from aiomilvus.engine.upkeep import row_comparison
from aiomilvus.engine.upkeep.backup import back_up
from aiomilvus.engine.upkeep.check import Report, check
from aiomilvus.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = 1_500
INDEXES = {
    "id": "STL_SORT",
    "word": "INVERTED",
    "grams": "NGRAM",
    "flag": "BITMAP",
    "score": "STL_SORT",
    "tags": "INVERTED",
    "where": "RTREE",
}


def fields(client: MilvusClient) -> Any:
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("word", DataType.VARCHAR, max_length=20, nullable=True)
    schema.add_field("grams", DataType.VARCHAR, max_length=20)
    schema.add_field("flag", DataType.BOOL)
    schema.add_field("score", DataType.DOUBLE)
    schema.add_field("tags", DataType.ARRAY, element_type=DataType.INT32, max_capacity=4)
    schema.add_field("where", DataType.GEOMETRY)
    schema.add_field(
        "text", DataType.VARCHAR, max_length=99, enable_analyzer=True, enable_match=True
    )
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=8)
    schema.add_field("b", DataType.BINARY_VECTOR, dim=16)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function("bm25", FunctionType.BM25, input_field_names=["text"], output_field_names="words")
    )
    return schema


def indexes(client: MilvusClient) -> Any:
    found = client.prepare_index_params()
    found.add_index("v", index_type="HNSW", metric_type="L2")
    found.add_index("b", index_type="BIN_IVF_FLAT", metric_type="HAMMING", nlist=4)
    found.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    for name, kind in INDEXES.items():
        more = {"min_gram": 2, "max_gram": 3} if kind == "NGRAM" else {}
        found.add_index(name, index_type=kind, index_name=f"by_{name}", **more)
    found.add_index(
        "extra",
        index_name="by_path",
        index_type="INVERTED",
        json_path='extra["n"]',
        json_cast_type="DOUBLE",
    )
    return found


def row(n: int, rng: np.random.Generator) -> dict[str, Any]:
    return {
        "id": n,
        "word": None if n % 7 == 0 else f"w{n % 50}",
        "grams": f"gram{n % 90}",
        "flag": n % 3 == 0,
        "score": n / 7,
        "tags": [n % 5, n % 11],
        "where": f"POINT ({n % 30} {n % 20})",
        "text": f"the number {n} and the word{n % 40}",
        "v": rng.normal(size=8).astype(np.float32),
        "b": rng.bytes(2),
        "extra": {"n": n % 25},
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with an index of every family, a snapshot, a user's words, and a log."""
    path = tmp_path_factory.mktemp("whole") / "app.db"
    rng = np.random.default_rng(3)
    with MilvusClient(str(path)) as client:
        client.create_collection("all", schema=fields(client), index_params=indexes(client))
        client.insert("all", [row(n, rng) for n in range(ROWS)])
        client.optimize("all")
        client.delete("all", filter="id < 100")
        client.flush("all")
        client.create_snapshot("before", "all")
        client.insert("all", [row(n, rng) for n in range(ROWS, ROWS + 5)])
        client.insert("all", [row(ROWS + 5, rng)])
        (path.parent / "words.txt").write_text("one\ntwo\n")
        client.add_file_resource("words", str(path.parent / "words.txt"))
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "app.db")
    return tmp_path / "app.db"


def places(report: Report) -> set[str]:
    return {problem.place for problem in report.problems}


def test_nothing_is_wrong_with_a_database_as_it_was_written(whole: Path) -> None:
    told: list[tuple[int, int]] = []
    before = {file: file.stat().st_mtime_ns for file in whole.rglob("*")}
    report = check(whole, tell=lambda *seen: told.append(seen))
    assert report.problems == ()
    assert report.collections == 1
    assert report.nbytes > 100_000
    assert report.files == told[-1][0] == told[-1][1]
    # Keys, three vector indexes, eight scalar ones, a text field, a function.
    assert report.compared == 1 + 3 + len(INDEXES) + 1 + 1 + 1
    assert {file: file.stat().st_mtime_ns for file in whole.rglob("*")} == before


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def halved(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def longer(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"ZZZZ")


KINDS = {
    "catalog": "catalog.sqlite",
    "log": "collection-*/log-*.amv",
    "column": "collection-*/segment-*/f101.amv",
    "keys": "collection-*/segment-*/keys.amv",
    "times": "collection-*/segment-*/times.amv",
    "index": "collection-*/segment-*/i*.amv",
    "masks": "collection-*/segment-*/masks-*.amv",
    "snapshot": "snapshot-*/segment-*/f101.amv",
    "words": "files/*",
}


MAY_BE_LONGER = {"catalog", "log"}
"""Files that a crash may have left with the beginning of a write that nobody was told of."""


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        (kind, damage)
        for kind in KINDS
        for damage in (flipped, halved, longer, lambda file: file.unlink())
        if damage is not longer or kind not in MAY_BE_LONGER
    ],
)
def test_a_damaged_file_is_named(path: Path, kind: str, damage: Callable[[Path], None]) -> None:
    file = next(path.glob(KINDS[kind]))
    shutil.copy(file, path.parent / "own")  # a snapshot's files are links to a collection's
    file.unlink()
    shutil.move(path.parent / "own", file)
    damage(file)
    if kind == "catalog" and not file.exists():
        with pytest.raises(StorageError, match="is missing or empty"):
            check(path)
        return
    if kind == "times" and not file.exists():
        assert check(path).problems == ()  # early segments have none
        return
    name = file.relative_to(path).as_posix()
    assert places(check(path, sample=0)) == {name}
    assert places(check(path)) == {name}


def test_all_damaged_files_are_named_at_once(path: Path) -> None:
    files = list(path.glob("collection-*/segment-*/[fi]*.amv"))
    for file in files:
        flipped(file)
    expected = {file.relative_to(path).as_posix() for file in files}
    assert places(check(path)) >= expected


def test_a_backup_is_checked_against_its_manifest(whole: Path, tmp_path: Path) -> None:
    back_up(whole, tmp_path / "b")
    report = check(tmp_path / "b")
    assert report.problems == ()
    assert report.compared > 10
    file = next((tmp_path / "b").glob("data/collection-*/segment-*/keys.amv"))
    flipped(file)
    assert places(check(tmp_path / "b")) == {file.relative_to(tmp_path / "b").as_posix()}
    flipped(tmp_path / "b" / "manifest.json")
    assert places(check(tmp_path / "b")) == {"manifest.json"}


def test_a_database_in_use_is_checked_beside_its_writer(tmp_path: Path) -> None:
    stop = threading.Event()
    with MilvusClient(str(tmp_path / "app.db")) as client:
        client.create_collection("c", dimension=2)

        def write() -> None:
            n = 0
            while not stop.is_set():
                client.upsert("c", [{"id": n % 50, "vector": [n, 1]}])
                if n % 15 == 14:
                    client.flush("c")
                    client.compact("c")
                n += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(8):
                assert check(tmp_path / "app.db").problems == ()
        finally:
            stop.set()
            writer.join()


WRONG = {
    "by_word": (ValueIndex, "lookup"),
    "by_tags": (ElementIndex, "lookup"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_index_that_says_something_else_than_its_rows_is_named(
    whole: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kind, method = WRONG[name]
    right = getattr(kind, method)

    def wrong(self: Any, leaf: Any, **options: Any) -> Any:
        found = right(self, leaf, **options)
        return None if found is None else np.roll(found, 1)

    monkeypatch.setattr(kind, method, wrong)
    told = [each for each in check(whole).problems if name in each.what]
    assert len(told) == 1
    assert told[0].place == "all"
    assert "differ from a scan" in told[0].what


def test_vectors_of_other_rows_are_found_out(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = row_comparison._as_near

    def wrong(exact: Any, query: Any, rows: Any, *others: Any) -> int:
        return right(exact, query, (rows + 700) % ROWS, *others)

    monkeypatch.setattr(row_comparison, "_as_near", wrong)
    told = {each.what.split(": ")[0].split(", ")[1] for each in check(whole).problems}
    assert "index v (HNSW)" in told
    assert "index words (SPARSE_INVERTED_INDEX)" in told


def test_there_is_nothing_to_check_where_there_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no database"):
        check(tmp_path / "nothing.db")
    assert not (tmp_path / "nothing.db").exists()


def test_logs_that_are_kept_to_be_watched_are_compared_too(tmp_path: Path) -> None:
    path = tmp_path / "watched.db"
    with MilvusClient(str(path)) as client:
        kept = {"changes.retention.seconds": "3600"}
        client.create_collection("c", dimension=2, properties=kept)
        for number in range(2):
            client.insert("c", {"id": number, "vector": [1.0, 0.0]})
            client.flush("c")
    before = check(path)
    assert before.problems == ()
    (first,) = path.glob("collection-*/log-00000001.amv")
    flipped(first)
    report = check(path)
    assert places(report) == {str(first.relative_to(path))}
    assert report.files == before.files
    first.unlink()  # it may have gone with its time
    assert check(path).problems == ()
