"""Sizes of segments as callers give them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymilvus.milvus_client.optimize_task import parse_target_size

from aiomilvus.client.sizes import megabytes
from aiomilvus.errors import ParamError


@pytest.mark.parametrize(
    ("size", "wanted"),
    [("512MB", 512), (" 1.5 gb ", 1536), ("1tb", 2**20), ("2048kb", 2), (2**20, 1), (3e6, 2)],
)
def test_texts_and_bytes_become_megabytes(size: str | float, wanted: int) -> None:
    assert megabytes(size) == wanted == parse_target_size(size)


def test_a_number_may_have_a_unit_of_its_own() -> None:
    assert megabytes(2, "GB") == 2048


@pytest.mark.parametrize(
    "size",
    ["", "MB", "-1MB", "1XB", "1023kb", 0, -5, True, None, [1], float("nan"), 1e300, "9" * 40],
)
def test_what_is_no_size_is_refused(size: object) -> None:
    with pytest.raises(ParamError):
        megabytes(size)


@given(st.integers(1, 2**40), st.sampled_from(["B", "kb", "MB", "Gb", "tb", "PB"]))
def test_texts_are_read_as_pymilvus_reads_them(number: int, unit: str) -> None:
    text = f"{number}{unit}"
    try:
        wanted = parse_target_size(text)
    except Exception:  # noqa: BLE001 - whatever it raises, it refuses
        with pytest.raises(ParamError):
            megabytes(text)
    else:
        assert megabytes(text) == wanted
