"""What processes say to each other arrives as it was sent."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from aiomilvus.engine.processes.messages import Answer, Call, decode, encode
from aiomilvus.errors import ParamError
from aiomilvus.model.operations.collections import DropCollection

SIZE = 8


def sent(answer: object) -> object:
    """Return what arrives of an answer."""
    message = encode(Answer(answer))
    assert int.from_bytes(message[:SIZE], "little") == len(message) - SIZE
    arrived = decode(message[SIZE:])
    assert isinstance(arrived, Answer)
    found: object = arrived.result
    return found


@pytest.mark.parametrize(
    "array",
    [
        np.arange(3, dtype=np.int64),
        np.arange(6, dtype=np.float32).reshape(2, 3),
        np.arange(6, dtype=np.float32).reshape(2, 3).T,
        np.arange(20, dtype=np.uint16)[::3],
        np.arange(100_000, dtype=np.float64).reshape(1000, 100)[:, ::2],
        np.array([True, False]),
        np.zeros((0, 4), np.float32),
        np.array(7, np.int8),
        np.array([b"a", None, "text"], object),
        np.array(["a", "text"]),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_arrays_arrive_as_they_are(array: np.ndarray) -> None:
    arrived = sent(array)
    assert isinstance(arrived, np.ndarray)
    assert (arrived.dtype, arrived.shape) == (array.dtype, array.shape)
    assert arrived.tolist() == array.tolist()


def test_calls_arrive_as_they_are() -> None:
    call = Call("an id", DropCollection(db="", collection="c"), again=True)
    assert decode(encode(call)[SIZE:]) == call


def test_nothing_but_messages_is_read() -> None:
    with pytest.raises(ParamError, match="may not be part of a message"):
        decode(b"p" + pickle.dumps(pickle.dumps))
    with pytest.raises(ParamError, match="no message"):
        decode(b"p" + pickle.dumps({"a": 1}))
    with pytest.raises(ParamError, match="can't be read"):
        decode(b"p is no pickle")
