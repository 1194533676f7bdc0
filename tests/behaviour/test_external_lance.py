"""External collections over Lance tables, as the library itself writes them."""

from __future__ import annotations

import importlib.util
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from aiomilvus import ExternalSourceError
from aiomilvus.errors import NotSupportedError
from tests.behaviour.conftest import EXTERNAL
from tests.support import external_rows
from tests.support.external_rows import KEY, VECTORS, refreshed, table

if TYPE_CHECKING:
    from pathlib import Path

lance: Any = pytest.importorskip("lance")

SPEC = '{"format": "lance-table"}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a table of three fragments, 15 rows each but the last one's 10."""
    folder = tmp_path / EXTERNAL / "rows.lance"
    folder.parent.mkdir()
    lance.write_dataset(table(0, 40), str(folder), max_rows_per_file=15)
    return folder


async def made(client: Any, path: Path, kind: str = "FLAT", spec: str = SPEC) -> Any:
    """Make a loaded collection "c" over a table; return the job of its first refresh."""
    return await external_rows.made(client, f"file://{path}", spec, kind)


async def keys(client: Any) -> dict[int, int]:
    """Return each row's number and key."""
    rows = await client.query("c", "n >= 0", output_fields=["n"])
    return {row["n"]: row[KEY] for row in rows}


@pytest.mark.parametrize("kind", ["FLAT", "HNSW"])
async def test_rows_are_searched_where_they_are(client: Any, path: Path, kind: str) -> None:
    job = await made(client, path, kind)
    assert (job.state, job.progress, job.reason) == ("RefreshCompleted", 100, "")
    found = await client.search(
        "c", [VECTORS[30].tolist()], limit=3, filter="n > 4", output_fields=["title", "n"]
    )
    near = np.argsort(((VECTORS[5:40] - VECTORS[30]) ** 2).sum(1))[:3] + 5
    assert [hit["entity"]["n"] for hit in found[0]] == near.tolist()
    [row] = await client.get("c", ids=[found[0][0][KEY]], output_fields=["*"])
    assert (row["n"], row["v"], row["title"]) == (30, VECTORS[30].tolist(), None)
    [match] = await client.query("c", "text_match(title, 'word7')", output_fields=["n"])
    assert match["n"] == 7
    assert len(await client.list_persistent_segments("c")) == 3


async def test_deleted_rows_of_the_table_are_left_out(client: Any, path: Path) -> None:
    lance.dataset(str(path)).delete("number in (3, 4, 20) or number >= 30")
    await made(client, path)
    assert sorted(await keys(client)) == [n for n in range(30) if n not in (3, 4, 20)]
    rows = await client.query("c", "n in [2, 5, 21]", output_fields=["n", "v", "title"])
    assert [row["v"] for row in rows] == [VECTORS[n].tolist() for n in (2, 5, 21)]
    assert [row["title"] for row in rows] == ["word2 common", None, "word21 common"]


async def test_the_version_that_was_found_is_read_until_a_refresh(client: Any, path: Path) -> None:
    await made(client, path)
    lance.write_dataset(table(40, 50), str(path), mode="append")
    written = lance.dataset(str(path))
    written.delete("number < 5")
    assert sorted(await keys(client)) == [*range(40)]  # its columns are read only now
    before = await keys(client)
    assert (await refreshed(client)).state == "RefreshCompleted"
    after = await keys(client)
    assert sorted(after) == [*range(5, 50)]
    assert all(after[n] == before[n] for n in range(15, 40)), "fragments that are as they were"
    assert not set(before.values()) & {after[n] for n in range(5, 15)}


async def test_fragments_outlive_the_version_that_they_were_found_in(
    client: Any, path: Path
) -> None:
    await made(client, path)
    lance.write_dataset(table(40, 50), str(path), mode="append")
    lance.dataset(str(path)).cleanup_old_versions(older_than=timedelta(0))
    assert sorted(await keys(client)) == [*range(40)]


async def test_what_was_cleaned_up_is_told_until_a_refresh(client: Any, path: Path) -> None:
    await made(client, path)
    lance.dataset(str(path)).optimize.compact_files()
    lance.dataset(str(path)).cleanup_old_versions(older_than=timedelta(0))
    with pytest.raises(
        ExternalSourceError, match=r"version 1, which it read, is gone: call refresh_ext"
    ):
        await keys(client)
    await refreshed(client)
    assert sorted(await keys(client)) == [*range(40)]


async def test_a_table_written_again_takes_no_others_place(client: Any, path: Path) -> None:
    await made(client, path)
    shutil.rmtree(path)
    lance.write_dataset(table(10, 50), str(path), max_rows_per_file=15)
    assert lance.dataset(str(path)).version == 1, "as the version that was found"
    with pytest.raises(ExternalSourceError, match="was changed since"):
        await keys(client)


def _without(told: dict[str, Any]) -> dict[str, Any]:
    """Return what a release of the library tells that knows of no overlays."""
    return {key: value for key, value in told.items() if key != "overlays"}


def _with_more(told: dict[str, Any]) -> dict[str, Any]:
    """Return what a later release may tell of the same fragment."""
    files = [{**each, "checksum": 5} for each in told["files"]]
    deletions = told["deletion_file"] and {**told["deletion_file"], "checksum": 5}
    return {**told, "files": files, "deletion_file": deletions, "more": [1]}


@pytest.mark.parametrize("other", [_without, _with_more])
async def test_another_release_of_the_library_reads_the_same_fragments(
    client: Any, path: Path, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lance.dataset(str(path)).delete("number < 3")
    await made(client, path)
    metadata = lance.fragment.FragmentMetadata
    ours = metadata.to_json
    monkeypatch.setattr(metadata, "to_json", lambda fragment: other(ours(fragment)))
    assert sorted(await keys(client)) == [*range(3, 40)]


async def test_a_column_of_another_name_takes_no_others_place(client: Any, path: Path) -> None:
    await made(client, path)
    written = lance.dataset(str(path))
    written.add_columns({"other": "number * 100"})
    written.drop_columns(["number"])
    written.alter_columns({"path": "other", "name": "number"})
    written.cleanup_old_versions(older_than=timedelta(0))
    with pytest.raises(ExternalSourceError, match="was changed since"):
        await keys(client)
    await refreshed(client)
    assert sorted(await keys(client)) == [100 * n for n in range(40)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda written: written.drop_columns(["text"]), "has no column 'text', which field title"),
        (
            lambda written: written.alter_columns({"path": "number", "data_type": pa.int32()}),
            r"column 'number' is of type int32, but field n \(Int64\) reads int64",
        ),
    ],
)
async def test_a_table_that_does_not_fit_fails_the_refresh(
    client: Any, path: Path, change: Any, said: str
) -> None:
    change(lance.dataset(str(path)))
    job = await made(client, path)
    assert job.state == "RefreshFailed"
    with pytest.raises(ExternalSourceError, match=said):
        raise ExternalSourceError(message=job.reason)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("_versions", "can't be read as a Lance table: "),
        ("", "there is no folder .*, as a Lance table is"),
    ],
)
async def test_a_folder_that_is_no_table_fails_the_refresh(
    client: Any, path: Path, damage: str, said: str
) -> None:
    (path / damage).rename(path.parent / "elsewhere")
    job = await made(client, path)
    assert job.state == "RefreshFailed"
    with pytest.raises(ExternalSourceError, match=said):
        raise ExternalSourceError(message=job.reason)


async def test_a_clone_whose_files_are_elsewhere_is_refused(client: Any, path: Path) -> None:
    clone = path.parent / "clone.lance"
    lance.dataset(str(path)).shallow_clone(str(clone), 1)
    job = await made(client, clone)
    assert job.state == "RefreshFailed"
    assert "is a shallow clone of another Lance table: its files are elsewhere" in job.reason


async def test_the_spec_may_name_the_columns(client: Any, path: Path) -> None:
    job = await made(client, path, spec='{"format": "lance-table", "columns": ["number"]}')
    assert job.state == "RefreshFailed"
    assert "field title reads column 'text', which is not among the columns" in job.reason


async def test_the_library_is_asked_for_by_the_name_of_its_extra(
    client: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec

    def hidden(name: str, package: str | None = None) -> Any:
        return None if name == "lance" else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", hidden)
    with pytest.raises(NotSupportedError, match=r"pip install 'aiomilvus\[lance\]'"):
        await made(client, path)
