"""Codes are derived once: they are kept in a file, and mapped from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

pytest.importorskip("numba")

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.index.dense import acceleration, kept_codes
from aiomilvus.engine.index.dense.code_choice import CodeChoice
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.registry import build_index, check_index, open_index
from aiomilvus.engine.segment.codes_file import CodesFile, FolderGate
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.errors import DataCorruptedError
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.timeout(180)  # the first run on a machine compiles

DIM, ROWS = 24, 2000
FIELD = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=DIM)
COLUMN = VectorColumn(np.random.default_rng(5).standard_normal((ROWS, DIM)).astype(np.float32))
QUERIES = COLUMN.slice(0, 5)


@pytest.fixture(params=["L2", "COSINE"])
def opened(request: pytest.FixtureRequest) -> Callable[[], FaissIndex]:
    given = {"index_type": "HNSW", "metric_type": request.param, "M": "16", "efConstruction": "60"}
    spec = IndexSpec(id=1, name="v", field="v", params=check_index(FIELD, given))
    built = build_index(spec, FIELD, COLUMN, BuildBudget(2))
    assert isinstance(built, FaissIndex)
    arrays, meta = built.to_arrays()

    def again() -> FaissIndex:
        index = open_index(spec, FIELD, COLUMN, {n: a.copy() for n, a in arrays.items()}, meta)
        assert isinstance(index, FaissIndex)
        return index

    return again


def codes_file(folder: Path, *, may_write: bool = True) -> CodesFile:
    return CodesFile(FileSystem(), folder / "c1.amv", FolderGate(lambda: True, lambda: may_write))


def accelerated(
    index: FaissIndex, keeper: CodesFile, known: CodeChoice | None = None
) -> FaissIndex:
    index.keep_codes(keeper)
    assert index.accelerate(known)
    return index


def found(index: FaissIndex) -> list[list[int]]:
    return [each.tolist() for each in index.search(QUERIES, 10, {"ef": 64}, None).rows]


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("codes are derived again")


def test_what_one_process_derived_others_map(
    opened: Callable[[], FaissIndex], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = accelerated(opened(), codes_file(tmp_path))
    for name in ("code", "lengths_of"):
        monkeypatch.setattr(kept_codes, name, refuse)
    monkeypatch.setattr(acceleration, "Trial", refuse)
    other = accelerated(opened(), codes_file(tmp_path, may_write=False))
    assert found(other) == found(first)
    assert other.kind == first.kind
    assert other.code_choice == first.code_choice
    for index in (first, other):  # also who wrote it has no copy of its own
        assert index._acceleration is not None
        assert index._acceleration.coded is not None
        assert not index._acceleration.coded.coded.codes.rows.flags.writeable


def test_that_no_codes_serve_is_kept_too(
    opened: Callable[[], FaissIndex], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = CodeChoice(0, 1.0, ROWS)
    first, other = opened(), opened()
    first.keep_codes(codes_file(tmp_path))
    assert not first.accelerate(none)
    monkeypatch.setattr(acceleration, "Trial", refuse)
    other.keep_codes(codes_file(tmp_path))
    assert not other.accelerate()
    assert other.code_choice == none


def replace(file: Path, data: bytes) -> None:
    """Put another file in the place of one that is mapped."""
    file.unlink()
    file.write_bytes(data)


def flip_a_bit(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-100] ^= 1
    replace(file, bytes(data))


def cut_off(file: Path) -> None:
    replace(file, file.read_bytes()[:1000])


def remove(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("spoil", [flip_a_bit, cut_off, remove])
def test_codes_that_are_damaged_or_missing_are_derived_again(
    opened: Callable[[], FaissIndex], tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    first = accelerated(opened(), codes_file(tmp_path))
    whole = (tmp_path / "c1.amv").read_bytes()
    spoil(tmp_path / "c1.amv")
    other = accelerated(opened(), codes_file(tmp_path))
    assert found(other) == found(first)
    assert (tmp_path / "c1.amv").read_bytes() == whole


def test_who_only_reads_writes_no_codes(opened: Callable[[], FaissIndex], tmp_path: Path) -> None:
    accelerated(opened(), codes_file(tmp_path, may_write=False))
    accelerated(opened(), codes_file(tmp_path / "gone"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("odd", [{"rows": 7}, {"metric": "IP"}, {"lanes": 64}, {"format": 9}])
def test_codes_of_something_else_are_not_taken(odd: dict[str, object]) -> None:
    told = kept_codes.Description(bits=4, stretch=1.0, judged=9, rows=9, metric="L2", lanes=32)
    whole = msgspec.to_builtins(told)
    assert kept_codes.described(whole, rows=9, metric="L2", lanes=32) == told
    assert kept_codes.described({**whole, **odd}, rows=9, metric="L2", lanes=32) is None
    assert kept_codes.described(None, rows=9, metric="L2", lanes=32) is None


def test_codes_that_do_not_fit_the_index_are_derived_again_and_named(
    opened: Callable[[], FaissIndex], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = accelerated(opened(), codes_file(tmp_path))
    whole = (tmp_path / "c1.amv").read_bytes()
    kept = codes_file(tmp_path).read()
    assert kept is not None
    arrays, description = kept
    codes_file(tmp_path).write({**arrays, "rows": arrays["rows"][:-64]}, description)
    other = accelerated(opened(), codes_file(tmp_path))
    assert found(other) == found(first)
    assert (tmp_path / "c1.amv").read_bytes() == whole
    assert f"{tmp_path / 'c1.amv'}: rows are uint8" in caplog.text


@pytest.mark.parametrize(
    ("name", "wrong", "told"),
    [
        ("rows", None, "it has no rows"),
        ("rows", np.zeros(9 * 64, np.int8), "rows are int8"),
        ("rows", np.zeros((9, 64), np.uint8), r"rows are uint8 \(9, 64\)"),
        ("centre", np.zeros(23, np.float32), "centre are float32"),
        ("centre", np.zeros(24), "centre are float64"),
        ("inverses", np.zeros(0, np.float32), r"expected float32 \(9,\)"),
        ("inverses", np.zeros(10, np.float32), r"expected float32 \(9,\)"),
    ],
)
def test_arrays_that_kernels_would_read_beyond_are_refused(
    name: str, wrong: NDArray[Any] | None, told: str
) -> None:
    vectors = np.random.default_rng(1).standard_normal((9, 24)).astype(np.float32)
    arrays = kept_codes.CodedVectors.of(vectors, "COSINE", 8, 32).arrays()
    about = kept_codes.Description(bits=8, stretch=1.0, judged=9, rows=9, metric="COSINE", lanes=32)
    assert kept_codes.CodedVectors.kept(arrays, about, 24).codes.width == 32
    odd = {key: value for key, value in {**arrays, name: wrong}.items() if value is not None}
    with pytest.raises(DataCorruptedError, match=told):
        kept_codes.CodedVectors.kept(odd, about, 24)


@pytest.mark.parametrize("odd", [{"bits": 5}, {"stretch": 1e300}, {"stretch": float("nan")}])
def test_codes_of_no_known_kind_are_refused(odd: dict[str, Any]) -> None:
    about = kept_codes.Description(bits=8, stretch=1.0, judged=9, rows=9, metric="L2", lanes=32)
    with pytest.raises(DataCorruptedError):
        kept_codes.CodedVectors.kept({}, msgspec.structs.replace(about, **odd), 24)


def test_nothing_is_derived_for_a_folder_that_is_closed(
    opened: Callable[[], FaissIndex], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceleration, "Trial", refuse)
    gate = FolderGate(lambda: False, lambda: True)
    index = opened()
    index.keep_codes(CodesFile(FileSystem(), tmp_path / "c1.amv", gate))
    assert not index.accelerate()
    assert len(found(index)) == len(QUERIES)
