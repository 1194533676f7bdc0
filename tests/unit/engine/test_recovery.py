"""Reopening: what a crash left behind is removed, what is missing is noticed."""

import shutil
import threading
from pathlib import Path

import pytest

from aiomilvus.engine.catalog.catalog import Catalog
from aiomilvus.engine.catalog.records import SegmentRecord
from aiomilvus.engine.database import Database
from aiomilvus.engine.maintenance.seal import rotate
from aiomilvus.engine.settings import Settings
from aiomilvus.engine.upkeep.check import check
from aiomilvus.errors import DataCorruptedError, StorageError
from aiomilvus.model.operations.collections import CreateCollection, DropCollection
from aiomilvus.model.operations.data import Delete, Insert
from aiomilvus.model.operations.indexes import CreateIndex, DropIndex
from aiomilvus.model.operations.maintenance import Flush
from tests.support import workload
from tests.support.batches import batch, keys, schema
from tests.support.contents import Contents, contents_of
from tests.support.disk import FailingDisk, crash
from tests.support.workload import Step


@pytest.fixture
def path(tmp_path: Path) -> Path:
    database = Database(tmp_path / "db")
    database.execute(CreateCollection(collection="c", schema=schema()))
    database.execute(Insert(collection="c", batch=batch([1, 2, 3], 1)))
    database.execute(Flush(collection="c"))
    database.close()
    return tmp_path / "db"


def names(path: Path) -> set[str]:
    return {str(p.relative_to(path)) for p in path.rglob("*") if p.is_file()}


def reopened(path: Path) -> Contents:
    database = Database(path)
    database.wait_idle()
    found = contents_of(database.snapshot("", "c"))
    database.close()
    return found


def test_files_that_no_catalog_entry_knows_are_removed(path: Path):
    before = names(path)
    (collection,) = path.glob("collection-*")
    (segment,) = collection.glob("segment-*")
    (collection / "segment-50").mkdir()
    for stray in (
        collection / "segment-50" / "f100.amv",
        collection / "log-00000000.amv",
        collection / "log-00000003.amv.tmp",
        segment / "masks-1.amv",
        segment / "i77.amv",
        segment / "f100.amv.tmp",
    ):
        stray.write_bytes(b"left behind")
    (path / "collection-51" / "segment-52").mkdir(parents=True)
    assert reopened(path) == Contents(dict.fromkeys([1, 2, 3], 1.0), dict.fromkeys([1, 2, 3], 1))
    assert names(path) == before
    assert not (path / "collection-51").exists()


def test_what_a_user_puts_into_the_directory_stays_whatever_it_is_called(path: Path):
    (collection,) = path.glob("collection-*")
    (segment,) = collection.glob("segment-*")
    for stray in (
        path / "collection-photos" / "a.jpg",
        path / "collection-list.csv",
        path / "collection-007" / "log-00000001.amv",
        path / "collection-55" / "holiday.jpg",
        path / "collection-56" / "segment-57" / "holiday.jpg",
        path / "collection-9999" / "log-00000001.amv",
        path / "snapshot-x" / "f100.amv",
        path / "files" / "notes.txt",
        path / "notes.tmp",
        collection / "notes.tmp",
        collection / "log-1.amv",
        collection / "segment-photos" / "a.jpg",
        collection / "segment-58" / "a.jpg",
        segment / "readme.txt",
    ):
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(b"mine")
    before = names(path)
    assert set(reopened(path).newest) == {1, 2, 3}
    assert names(path) == before


@pytest.mark.parametrize("content", [None, b""])
def test_data_files_without_a_catalog_are_refused_and_left_alone(path: Path, content: bytes | None):
    catalog = path / "catalog.sqlite"
    whole = catalog.read_bytes()
    catalog.unlink()
    if content is not None:
        catalog.write_bytes(content)
    before = names(path)
    for mode in ("rw", "r", "rw"):
        with pytest.raises(DataCorruptedError, match=r"catalog.sqlite is missing.*collection-\d+"):
            Database(path, mode)
        assert names(path) == before
    catalog.write_bytes(whole)
    assert set(reopened(path).newest) == {1, 2, 3}


def test_a_new_collection_takes_over_no_folder_that_an_older_catalog_does_not_know(path: Path):
    catalog = (path / "catalog.sqlite").read_bytes()
    database = Database(path)
    database.execute(CreateCollection(collection="d", schema=schema()))
    database.execute(Insert(collection="d", batch=batch([7], 1)))
    database.close()
    (path / "catalog.sqlite").write_bytes(catalog)
    numbers = sorted(int(each.name.split("-")[1]) for each in path.glob("collection-*"))
    database = Database(path)
    for number in range(100):
        try:
            database.execute(CreateCollection(collection=f"e{number}", schema=schema()))
        except StorageError as error:
            assert f"collection-{numbers[-1]} is to be made" in error.message  # noqa: PT017
        assert not database.collection("", f"e{number}").snapshot.views if number else True
        if database.catalog.next_id() > numbers[-1]:
            break
    database.close()
    assert (path / f"collection-{numbers[-1]}" / "log-00000001.amv").exists()


def test_old_masks_go_and_the_latest_stay(path: Path):
    for key in (1, 2):
        database = Database(path)
        database.execute(Delete(collection="c", ids=keys([key])))
        database.execute(Insert(collection="c", batch=batch([10 + key], 2)))
        database.execute(Flush(collection="c"))
        database.wait_idle()
        database.close()
        assert set(reopened(path).newest) == {3, *range(11, 11 + key)} | (
            {2} if key == 1 else set()
        )
    masks = list(path.glob("collection-*/segment-*/masks-*.amv"))
    folders = {mask.parent for mask in masks}
    assert len(masks) == len(folders)


def test_a_dropped_collection_leaves_nothing(path: Path):
    database = Database(path)
    database.execute(DropCollection(collection="c"))
    database.close()
    Database(path).close()
    assert names(path) == {"catalog.sqlite", "lock"}


def test_a_log_cut_short_before_a_newer_one_is_damage(path: Path):
    database = Database(path)
    database.execute(Insert(collection="c", batch=batch([4], 4)))
    rotate(database.collection("", "c"))
    database.execute(Insert(collection="c", batch=batch([5], 5)))
    crash(database)
    older, newer = sorted(path.glob("collection-*/log-*.amv"))
    data = older.read_bytes()
    older.write_bytes(data[:-1])
    with pytest.raises(DataCorruptedError, match=older.name):
        Database(path)
    older.write_bytes(data)
    newer.write_bytes(newer.read_bytes()[:-1])
    assert set(reopened(path).newest) == {1, 2, 3, 4}


def test_deletions_alone_are_sealed_by_a_flush(path: Path):
    database = Database(path)
    database.execute(Delete(collection="c", ids=keys([1])))
    before = set(path.glob("collection-*/log-*.amv"))
    database.execute(Flush(collection="c"))
    (log,) = path.glob("collection-*/log-*.amv")
    assert log not in before
    assert log.stat().st_size == 16
    database.execute(Flush(collection="c"))
    assert log.exists(), "there was nothing to seal"
    database.close()
    assert set(reopened(path).newest) == {2, 3}


def test_a_log_of_deletions_alone_does_not_grow_without_end(path: Path):
    settings = Settings(memory=64 << 20)
    database = Database(path, settings=settings)
    gone = keys(list(range(10, 100_000)))
    for _ in range(25):
        database.execute(Delete(collection="c", ids=gone))
    database.wait_idle()
    left = sum(log.stat().st_size for log in path.glob("*/log-*.amv"))
    assert left < settings.seal_bytes < 25 * 8 * len(gone)
    database.close()
    assert set(reopened(path).newest) == {1, 2, 3}


def test_old_masks_go_at_once(tmp_path: Path):
    path = tmp_path / "many"
    database = Database(path)
    database.execute(CreateCollection(collection="c", schema=schema()))
    database.execute(Insert(collection="c", batch=batch(list(range(100)), 1)))
    database.execute(Flush(collection="c"))
    seen = set()
    for key in range(3):
        database.execute(Delete(collection="c", ids=keys([key])))
        database.execute(Flush(collection="c"))
        (masks,) = path.glob("collection-*/segment-*/masks-*.amv")
        seen.add(masks)
    assert len(seen) == 3
    database.close()
    assert set(reopened(path).newest) == set(range(3, 100))


def test_the_file_of_a_dropped_index_goes_and_searches_go_on(tmp_path: Path):
    path = tmp_path / "indexed"
    database = Database(path)
    workload.create(database)
    database.execute(CreateIndex(collection="c", field="id", params={"index_type": "STL_SORT"}))
    database.execute(workload.operation(Step("insert", list(range(300)), 1.0)))
    database.execute(Flush(collection="c"))
    database.wait_idle()
    (vectors, numbers) = sorted(path.glob("collection-*/segment-*/i*.amv"))
    database.execute(DropIndex(collection="c", name="id"))
    database.wait_idle()
    assert (vectors.exists(), numbers.exists()) == (True, False)
    for _ in range(2):
        found = contents_of(database.snapshot("", "c")).newest
        workload.check_search(database, found)
        (segment,) = database.collection("", "c").sealed.values()
        assert len(segment.record.indexes) == 1
        database.close()
        database = Database(path)
    database.close()


def test_a_log_that_is_missing_is_named(path: Path):
    database = Database(path)
    database.execute(Insert(collection="c", batch=batch([4], 1)))
    database.close()
    (log,) = path.glob("collection-*/log-*.amv")
    log.unlink()
    with pytest.raises(DataCorruptedError, match=f"{log} is missing"):
        Database(path)


def test_what_is_opened_for_reading_is_one_state_though_the_writer_seals_meanwhile(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    writer = Database(path)
    writer.execute(Insert(collection="c", batch=batch([4, 5], 1)))
    writer.execute(Delete(collection="c", ids=keys([1])))
    sealing = threading.Thread(target=lambda: writer.execute(Flush(collection="c")))
    real = Catalog.segments

    def segments(catalog: Catalog, number: int) -> list[SegmentRecord]:
        if sealing.ident is None:
            sealing.start()
            sealing.join(0.5)  # it can end only in a writer that does not wait for readers
        return real(catalog, number)

    reader_thread = threading.current_thread()

    def only_the_reader(catalog: Catalog, number: int) -> list[SegmentRecord]:
        own = threading.current_thread() is reader_thread
        return segments(catalog, number) if own else real(catalog, number)

    monkeypatch.setattr(Catalog, "segments", only_the_reader)
    reader = Database(path, "r")
    expected = Contents(dict.fromkeys([2, 3, 4, 5], 1.0), dict.fromkeys([2, 3, 4, 5], 1))
    assert contents_of(reader.snapshot("", "c")) == expected
    sealing.join(30)
    assert not sealing.is_alive()
    reader.close()
    writer.close()
    assert reopened(path) == expected


def test_a_log_that_was_begun_in_vain_does_not_end_the_one_before(path: Path, tmp_path: Path):
    disk = FailingDisk(once=True)
    database = Database(path, files=disk)
    database.execute(Insert(collection="c", batch=batch([4], 1)))
    collection = database.collection("", "c")
    ended = ["truncate", "sync"]
    disk.fail_at = len(disk.operations) + len(ended) + 2  # the sync of the next log's header
    with pytest.raises(StorageError, match=r"sync .* on purpose"):
        database.execute(Flush(collection="c"))
    assert disk.operations[-4:] == [*ended, "write", "sync"]
    database.execute(Insert(collection="c", batch=batch([5], 1)))
    last, vain = sorted(path.glob("collection-*/log-*.amv"))
    assert vain.stat().st_size == 16
    assert last.stat().st_size > collection.log.size, "zeros lie ahead"
    left = tmp_path / "left"
    shutil.copytree(path, left, ignore=shutil.ignore_patterns("*.sock"))
    database.close()
    for content in (vain.read_bytes(), b"", bytes(16)):
        (left / vain.relative_to(path)).write_bytes(content)
        assert check(left).problems == ()
        database = Database(left)
        assert contents_of(database.snapshot("", "c")).copies.keys() == {1, 2, 3, 4, 5}
        crash(database)
    database = Database(left)
    database.execute(Insert(collection="c", batch=batch([6], 1)))
    database.execute(Flush(collection="c"))
    database.execute(Insert(collection="c", batch=batch([7], 1)))
    crash(database)
    assert reopened(left).copies.keys() == {1, 2, 3, 4, 5, 6, 7}
