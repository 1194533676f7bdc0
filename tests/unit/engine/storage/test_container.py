"""Containers give back what was put in, and notice every damaged byte."""

import re
from collections.abc import Iterator
from pathlib import Path

import google_crc32c
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from aiomilvus.engine.storage.container import (
    ALIGNMENT,
    Blocks,
    Container,
    checksum,
    encode,
    encode_blocks,
    map_container,
    write_container,
)
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.upkeep.checksums import check_container
from aiomilvus.errors import DataCorruptedError

ARRAYS = st.dictionaries(
    st.text(min_size=1, max_size=6),
    hnp.arrays(
        st.sampled_from([np.dtype(d) for d in "? i1 u2 i4 u8 f2 f4 f8".split()]),
        hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5),
    ),
    max_size=4,
)


def decoded(parts) -> Container:
    return Container(np.frombuffer(b"".join(bytes(p) for p in parts), np.uint8), "memory")


@given(ARRAYS, st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=2))
def test_what_was_encoded_is_decoded(arrays, meta):
    container = decoded(encode(arrays, meta))
    container.verify()
    assert container.meta == meta
    assert list(container.arrays) == list(arrays)
    for name, array in arrays.items():
        back = container.arrays[name]
        assert back.dtype == array.dtype
        assert back.shape == array.shape
        assert back.tobytes() == array.tobytes()


@pytest.mark.parametrize("size", [0, 1, (1 << 18) - 1, 1 << 18, (1 << 20) + 3])
def test_a_checksum_is_the_crc32c_of_the_whole(size: int):
    data = np.random.default_rng(size).integers(0, 256, size, np.uint8)
    whole = google_crc32c.value(data.tobytes())
    assert (
        checksum(data) == checksum(data.tobytes()) == checksum(memoryview(data.tobytes())) == whole
    )
    assert checksum(data[size // 3 :], checksum(data[: size // 3])) == whole


def test_arrays_that_are_not_contiguous_are_stored_in_their_own_order():
    array = np.arange(12, dtype=np.int32).reshape(3, 4).T
    assert decoded(encode({"a": array})).arrays["a"].tolist() == array.tolist()


def test_every_array_starts_at_a_multiple_of_64_in_the_file(tmp_path: Path):
    arrays = {name: np.full(n, 7, np.uint8) for name, n in [("a", 1), ("b", 64), ("c", 65)]}
    write_container(FileSystem(), tmp_path / "f", arrays, {"why": "alignment"})
    data = (tmp_path / "f").read_bytes()
    assert len(data) % ALIGNMENT == 0
    # An mmap starts at a page, so an address tells the offset in the file.
    for array in map_container(FileSystem(), tmp_path / "f").arrays.values():
        assert array.ctypes.data % ALIGNMENT == 0


def test_a_mapped_container_is_read_only(tmp_path: Path):
    write_container(FileSystem(), tmp_path / "f", {"a": np.arange(3)})
    with pytest.raises(ValueError, match="read-only"):
        map_container(FileSystem(), tmp_path / "f").arrays["a"][0] = 9


def test_every_damaged_byte_but_padding_is_noticed(tmp_path: Path):
    path = tmp_path / "f"
    arrays = {"values": np.arange(40, dtype=np.int16), "valid": np.ones(40, np.bool_)}
    write_container(FileSystem(), path, arrays, {"x": 1})
    data = path.read_bytes()
    spans = [(array.tobytes(), name) for name, array in arrays.items()]
    covered = {p for raw, _ in spans for p in range(data.index(raw), data.index(raw) + len(raw))}
    header = 16 + int.from_bytes(data[8:12], "little")
    for at in range(len(data)):
        damaged = bytearray(data)
        damaged[at] ^= 0x10
        path.write_bytes(damaged)
        if at < header or at in covered:
            with pytest.raises(DataCorruptedError, match="f is damaged at offset") as raised:
                map_container(FileSystem(), path).verify()
            assert "array" in raised.value.message or at < header
        else:
            map_container(FileSystem(), path).verify()


def test_every_cut_is_noticed(tmp_path: Path):
    path = tmp_path / "f"
    write_container(FileSystem(), path, {"a": np.arange(8)})
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        with pytest.raises(DataCorruptedError, match=re.escape(str(path))):
            map_container(FileSystem(), path).verify()


def test_bytes_that_no_checksum_covers_are_noticed(tmp_path: Path):
    path = tmp_path / "f"
    write_container(
        FileSystem(), path, {"a": np.arange(8), "b": np.arange(3), "none": np.arange(0)}
    )
    data = path.read_bytes()
    map_container(FileSystem(), path).verify_rest()
    longer = [data + b"\0", data + bytes(64), data + b"ZZZZ"]
    flipped = [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in range(len(data))]
    for each in longer + flipped:
        path.write_bytes(each)
        with pytest.raises(
            DataCorruptedError, match=f"{re.escape(str(path))} is damaged at offset"
        ):
            check_container(FileSystem(), path)


def test_a_container_of_no_arrays_has_nothing_behind_it(tmp_path: Path):
    path = tmp_path / "f"
    write_container(FileSystem(), path, {})
    check_container(FileSystem(), path)
    path.write_bytes(path.read_bytes() + b"Z")
    with pytest.raises(DataCorruptedError, match="its arrays end here"):
        check_container(FileSystem(), path)


def test_a_missing_file_is_damage_that_names_the_file(tmp_path: Path):
    with pytest.raises(DataCorruptedError, match="nowhere"):
        map_container(FileSystem(), tmp_path / "nowhere")


@pytest.mark.parametrize("cuts", [[], [1], [3, 3, 7], [0, 10]])
def test_blocks_make_the_very_bytes_of_the_whole_array(cuts: list[int]):
    whole = np.arange(30, dtype=np.float32).reshape(10, 3)
    other = np.array([True, False])
    made: list[int] = []

    def blocks() -> Iterator[np.ndarray]:
        made.append(1)
        # Of the other memory order, as a slice of columns is.
        yield from (np.asfortranarray(part) for part in np.split(whole, cuts))

    arrays = {
        "whole": Blocks(whole.dtype, whole.shape, blocks),
        "other": Blocks(other.dtype, other.shape, lambda: iter([other])),
        "none": Blocks(other.dtype, (0,), lambda: iter([])),
    }
    told = {"whole": whole, "other": other, "none": other[:0]}
    assert b"".join(encode_blocks(arrays)) == b"".join(encode(told))
    assert made == [1, 1], "once for the checksum, once for the bytes"
