"""Sealed segments: read from files as they were written, refused when damaged, gone when unused."""

import gc
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pytest

from aiomilvus.engine.catalog.records import SegmentRecord
from aiomilvus.engine.segment import sealed
from aiomilvus.engine.segment.row_masks import Masks
from aiomilvus.engine.segment.sealed import SealedSegment, write_masks, write_segment
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.errors import DataCorruptedError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.batches import batch, key_values, keys, schema

SCHEMA = schema()
VECTOR = SCHEMA.by_name["v"]


def record(rows: int, **more) -> SegmentRecord:
    fields = tuple(field.id for field in SCHEMA.fields)
    return SegmentRecord(id=5, partition_id=2, num_rows=rows, since=1, fields=fields, **more)


def stored(folder: Path, rows: ColumnBatch, **more) -> SealedSegment:
    write_segment(FileSystem(), folder, SCHEMA, rows)
    return SealedSegment(record(rows.num_rows, **more), SCHEMA, {}, folder)


def flip_last_array(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-64] ^= 1
    path.write_bytes(data)


def test_columns_are_mapped_and_read_only(tmp_path: Path):
    segment = stored(tmp_path / "s", batch([3, 1, 2], 7))
    values = segment.column(VECTOR).arrays()["values"]
    assert values[:, 0].tolist() == [7, 7, 7]
    assert not values.flags.writeable
    assert segment.column(VECTOR) is segment.column(VECTOR)
    assert key_values(segment.column(SCHEMA.primary)) == [3, 1, 2]


def test_columns_that_are_not_asked_for_are_not_opened(tmp_path: Path):
    segment = stored(tmp_path / "s", batch([3, 1, 2]))
    (tmp_path / "s" / f"f{VECTOR.id}.amv").unlink()
    assert segment.find(keys([1, 4])).tolist() == [1, -1]


def test_a_slice_is_stored_without_its_neighbours(tmp_path: Path):
    text = schema(key=DataType.VARCHAR)
    rows = batch(["x" * 100_000, "y"]).slice(1, 2)
    write_segment(FileSystem(), tmp_path / "s", text, rows)
    assert (tmp_path / "s" / "f100.amv").stat().st_size < 5_000


def test_a_field_younger_than_the_segment_is_filled(tmp_path: Path):
    segment = stored(tmp_path / "s", batch([1, 2]))
    young = Field(id=300, name="young", dtype=DataType.INT8, default=4)
    assert segment.column(young).arrays()["values"].tolist() == [4, 4]


def test_masks_come_back(tmp_path: Path):
    folder = tmp_path / "s"
    deleted = np.arange(20) % 3 == 0
    write_segment(FileSystem(), folder, SCHEMA, batch(list(range(20))))
    write_masks(FileSystem(), folder, "masks-9.amv", Masks(deleted, None))
    back = SealedSegment(record(20, masks="masks-9.amv"), SCHEMA, {}, folder).masks()
    assert back[0] is not None
    assert back[0].tolist() == deleted.tolist()
    assert back[1] is None


def test_a_large_file_is_checked_when_told_and_never_used_once_found_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sealed, "SMALL", 0)
    segment = stored(tmp_path / "s", batch([1, 2, 3]))
    noticed: list[int] = []
    segment.tell_when_unverified(lambda: noticed.append(1))
    flip_last_array(tmp_path / "s" / f"f{VECTOR.id}.amv")
    segment.column(VECTOR)
    assert noticed
    # Another guise, made before the damage is known, shares what is learnt.
    other = segment.with_record(msgspec.structs.replace(segment.record, since=2), None)
    segment.verify()
    for guise in (segment, other):
        with pytest.raises(DataCorruptedError, match=f"f{VECTOR.id}.amv"):
            guise.column(VECTOR)
        with pytest.raises(DataCorruptedError, match=f"f{VECTOR.id}.amv"):
            guise.find(keys([1]))
        with pytest.raises(DataCorruptedError, match=f"f{VECTOR.id}.amv"):
            guise.vector_index(1)


def test_a_check_that_is_told_to_end_is_made_whole_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sealed, "SMALL", 0)
    segment = stored(tmp_path / "s", batch([1, 2, 3]))
    flip_last_array(tmp_path / "s" / f"f{VECTOR.id}.amv")
    segment.column(VECTOR)
    for answers in (iter([False]), iter([True, False])):
        segment.verify(partial(next, answers, False))
        segment.column(VECTOR)
    segment.verify()
    with pytest.raises(DataCorruptedError, match=f"f{VECTOR.id}.amv"):
        segment.column(VECTOR)


def test_an_intact_large_file_passes_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sealed, "SMALL", 0)
    segment = stored(tmp_path / "s", batch([1, 2, 3]))
    segment.column(VECTOR)
    segment.verify()
    assert segment.find(keys([2])).tolist() == [1]


def test_the_files_go_with_the_last_guise_that_a_reader_holds(tmp_path: Path):
    folder = tmp_path / "s"
    segment = stored(folder, batch([1, 2, 3]))
    reader = segment.with_record(segment.record, None)
    segment.files_go_with_last_reader()
    del segment
    gc.collect()
    assert len(reader.column(VECTOR)) == 3
    del reader
    gc.collect()
    assert not folder.exists()
