"""JSON of strangers is decoded, or refused."""

from __future__ import annotations

import pytest

from aiomilvus.errors import ParamError
from aiomilvus.model.json_text import DEEPEST, decode_json


def test_a_text_is_decoded() -> None:
    assert decode_json('{"a": [1, {"b": null}]}', "it") == {"a": [1, {"b": None}]}
    assert decode_json("[" + "[]," * 1000 + "[]]", "it") == [[]] * 1001


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", b"\xff", "\ud800", '"\ud800"'])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ParamError, match="it is no JSON"):
        decode_json(text, "it")


@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_what_is_nested_too_deep_is_refused(begin: str, end: str) -> None:
    times = DEEPEST
    for depth in (times + 1, 10 * times, 100_000):
        with pytest.raises(ParamError, match="nested more than 256 deep"):
            decode_json(begin * depth + "0" + end * depth, "it")


def test_the_deepest_is_taken() -> None:
    decode_json("[" * DEEPEST + "]" * DEEPEST, "it")
    decode_json("[" * DEEPEST + "0" + "]" * DEEPEST, "it")
