"""The shape of a search: equal where the plan is, and none where arguments are unusual."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiomilvus.client.requests.shapes import search_shape

USUAL: dict[str, Any] = {
    "filter": "n > 1",
    "limit": 10,
    "output_fields": ["n", "t"],
    "search_params": {"metric_type": "L2", "params": {"ef": 64}},
    "partition_names": ["a"],
    "anns_field": "v",
}


class Text(str):
    """A text of a type of its own."""

    __slots__ = ()


@pytest.mark.parametrize(
    "other",
    [
        {"filter": ""},
        {"limit": 11},
        {"output_fields": ["t", "n"]},
        {"output_fields": None},
        {"partition_names": ["b"]},
        {"partition_names": None, "output_fields": ["a"]},
        {"anns_field": None},
        {"search_params": None},
        {"search_params": {}},
        {"search_params": {"metric_type": "L2", "params": {"ef": 65}}},
        {"search_params": {"metric_type": "L2", "params": {"ef": 64.0}}},
        {"search_params": {"metric_type": "L2", "params": {"ef": "64"}}},
        {"search_params": {"metric_type": "L2", "ef": 64}},
    ],
)
def test_other_arguments_have_another_shape(other: dict[str, Any]) -> None:
    shape = search_shape(**USUAL)
    assert shape is not None
    assert search_shape(**USUAL) == shape
    assert search_shape(**{**USUAL, **other}) not in (None, shape)


def test_true_is_not_one() -> None:
    one = search_shape(**{**USUAL, "search_params": {"ef": 1}})
    assert search_shape(**{**USUAL, "search_params": {"ef": True}}) != one


@pytest.mark.parametrize(
    "odd",
    [
        {"filter": None},
        {"filter": Text("n > 1")},
        {"limit": True},
        {"limit": 1.0},
        {"limit": np.int64(10)},
        {"output_fields": "n"},
        {"output_fields": ("n",)},
        {"output_fields": ["n", 1]},
        {"partition_names": [["a"]]},
        {"anns_field": Text("v")},
        {"search_params": [("ef", 64)]},
        {"search_params": {"ef": np.int64(64)}},
        {"search_params": {"params": {"ef": [64]}}},
        {"search_params": {"params": {"params": {"ef": 64}}}},
        {"search_params": {"round_decimal": 2}},
    ],
)
def test_what_is_not_as_documented_has_no_shape(odd: dict[str, Any]) -> None:
    assert search_shape(**{**USUAL, **odd}) is None
