"""Calling compiled functions: arguments as words, and nothing of a wrong type handed over."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from aiomilvus.engine.index.dense import kernel_access
from aiomilvus.engine.index.kernels.calls import (
    Argument,
    Entry,
    Frame,
    Function,
    address_of,
    places_of,
)

MATRIX = Argument("<f4", 2)
OUT = Argument("<i8", 1, is_written=True)
FUNCTION = Function((MATRIX, Argument("int"), Argument("float"), OUT), address=0)


def frame(**other: object) -> Frame:
    given = {"matrix": np.zeros((2, 3), np.float32), "count": 7, "share": 0.5}
    out = np.zeros(4, np.int64)
    return Frame(FUNCTION, list({**given, "out": out, **other}.values()))


def test_an_array_is_its_address_and_its_shape_a_number_one_word() -> None:
    assert places_of(FUNCTION.arguments) == [0, 3, 4, 5, 7]
    matrix = np.zeros((2, 3), np.float32)
    words = frame(matrix=matrix)._words
    assert list(words[:4]) == [matrix.ctypes.data, 2, 3, 7]
    assert np.array(words[4]).view(np.float64) == 0.5


@pytest.mark.parametrize("dtype", ["<f4", "<i8", "|b1", "|u1"])
@pytest.mark.parametrize("part", [slice(None), slice(1, None), slice(0, 0)])
def test_the_address_is_the_one_that_numpy_tells(dtype: str, part: slice) -> None:
    array = np.zeros((3, 5), dtype)[part]
    array.flags.writeable = False
    assert address_of(array) == array.ctypes.data


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("matrix", np.zeros((2, 3))),
        ("matrix", np.zeros(6, np.float32)),
        ("matrix", np.zeros((2, 6), np.float32)[:, ::2]),
        ("matrix", np.zeros((2, 3), ">f4")),
        ("out", np.broadcast_to(np.zeros(1, np.int64), 1)),
    ],
    ids=["type", "dimensions", "order", "bytes", "read-only"],
)
def test_an_array_that_code_would_misread_is_refused(name: str, wrong: object) -> None:
    with pytest.raises(TypeError, match=r"argument \d is no"):
        frame(**{name: wrong})


def test_too_few_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="4 arguments are wanted, not 1"):
        Frame(FUNCTION, [np.zeros((1, 1), np.float32)])


def test_a_frame_keeps_what_it_was_given_and_not_what_it_was_lent() -> None:
    made = frame()
    kept, lent = np.zeros((1, 1), np.float32), np.zeros(1, np.int64)
    made.put(0, kept)
    made.lend(3, lent)
    of_kept, of_lent = weakref.ref(kept), weakref.ref(lent)
    assert made.length(3) == 1
    del kept, lent
    gc.collect()
    assert of_kept() is not None
    assert of_lent() is None


def test_an_entry_takes_the_function_that_was_compiled_for_the_types() -> None:
    entry = Entry("own")
    entry.add(FUNCTION)
    entry.add(Function((OUT,), address=0))
    assert len(entry.frame(np.zeros(1, np.int64))._words) == 2
    with pytest.raises(TypeError, match="own was not compiled for these arguments"):
        entry.frame(np.zeros(1, np.int32))


def test_the_kernels_refuse_what_they_were_not_compiled_for() -> None:
    kernels = kernel_access.kernels()
    assert kernels is not None
    with pytest.raises(TypeError, match="search was not compiled"):
        kernels.search(np.zeros((1, 8), np.float32))
