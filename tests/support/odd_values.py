"""Odd values, and calls of every method of a client to put them into."""

from __future__ import annotations

import datetime as dt
import enum
import inspect
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from aiomilvus import AnnSearchRequest, DataType, MilvusClient, RRFRanker


class Lang(str, enum.Enum):
    EN = "en"


class Level(enum.Enum):
    LOW = 1


class Text(str):
    __slots__ = ()


class Number(int):
    pass


def nested(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


ODD: dict[str, Any] = {
    "none": None,
    "true": True,
    "false": False,
    "zero": 0,
    "minus one": -1,
    "two to the 31": 2**31,
    "two to the 63": 2**63,
    "two to the 64 negative": -(2**64),
    "ten to the 400": 10**400,
    "half": 0.5,
    "nan": float("nan"),
    "infinity": float("inf"),
    "1e39": 1e39,
    "complex": 1j,
    "decimal": Decimal("1.5"),
    "int subclass": Number(3),
    "numpy int": np.int64(3),
    "numpy float": np.float32(0.5),
    "numpy bool": np.bool_(True),
    "numpy text": np.str_("x"),
    "empty text": "",
    "space": " ",
    "text": "x",
    "NUL": "\0",
    "surrogate": "\ud800",
    "number as text": "7",
    "format": "{x} %s",
    "quote": "'\"",
    "long text": "x" * 70_000,
    "text subclass": Text("x"),
    "text enum": Lang.EN,
    "enum": Level.LOW,
    "bytes": b"x",
    "bytearray": bytearray(b"x"),
    "empty list": [],
    "list of none": [None],
    "list of int": [1],
    "list of text": ["x"],
    "list of vectors": [[0.0, 1.0]],
    "list of ten to the 400": [10**400],
    "ragged list": [[1.0], [1.0, 2.0]],
    "nested list": nested(3000),
    "tuple": (1, "x"),
    "set": {1},
    "empty dict": {},
    "dict": {"x": 1},
    "dict of int": {1: 1},
    "dict of dict": {"params": {"x": object()}},
    "dict of ten to the 400": {"x": 10**400, "ef": 10**400},
    "dict of list": {"x": [nested(3000)]},
    "object": object(),
    "class": int,
    "function": len,
    "generator": iter([None]),
    "array": np.zeros((1, 2), np.float32),
    "array of nothing": np.zeros(0),
    "array of integers": np.arange(3),
    "array of texts": np.array(["x", "y"]),
    "array of Booleans": np.array([True, False]),
    "array of records": np.zeros(2, [("x", "i4")]),
    "array of no dimension": np.array(5),
    "array of no dimension, a text": np.array("x"),
    "moment of numpy": np.datetime64("2026-01-01"),
    "range": range(3),
    "memory": memoryview(b"x"),
    "array of objects": np.array([None, "x"], object),
    "date": dt.date(2026, 1, 1),
    "path": Path("x"),
    "data type": DataType.INT64,
    "ranker": RRFRanker(),
    "request": AnnSearchRequest([[0.0, 1.0]], "vector", {}, 1),
}

_SEARCH = {"collection_name": "c", "data": [[0.0, 1.0]], "limit": 1}
GOOD: dict[str, dict[str, Any]] = {
    "search": _SEARCH,
    "search_iterator": {**_SEARCH, "batch_size": 1},
    "hybrid_search": {
        "collection_name": "c",
        "reqs": [AnnSearchRequest([[0.0, 1.0]], "vector", {}, 1)],
        "limit": 1,
    },
    "query": {"collection_name": "c", "filter": "id >= 0", "limit": 1},
    "insert": {"collection_name": "c", "data": [{"id": 1, "vector": [0.0, 1.0]}]},
    "upsert": {"collection_name": "c", "data": [{"id": 1, "vector": [0.0, 1.0]}]},
    "delete": {"collection_name": "c", "ids": [99]},
    "get": {"collection_name": "c", "ids": [1]},
    "run_analyzer": {"texts": "a text"},
    "create_collection": {"collection_name": "d", "dimension": 2},
}
_BY_NAME: dict[str, Any] = {
    "collection_name": "c",
    "partition_name": "_default",
    "field_name": "vector",
    "index_name": "vector",
    "user_name": "somebody",
    "password": "password",
    "role_name": "nobody",
    "data_type": DataType.INT64,
    "ids": [1],
}


def methods() -> list[str]:
    """Return the names of a client's methods that take arguments."""
    return [
        name
        for name in sorted(dir(MilvusClient))
        if not name.startswith("_")
        and inspect.isfunction(inspect.getattr_static(MilvusClient, name))
        and places(name)
    ]


def good_arguments(name: str) -> dict[str, Any]:
    """Return arguments for the parameters of a method that have no default."""
    if name in GOOD:
        return dict(GOOD[name])
    given = {}
    for parameter in inspect.signature(getattr(MilvusClient, name)).parameters.values():
        needed = parameter.default is inspect.Parameter.empty
        if needed and parameter.name != "self" and parameter.kind is not parameter.VAR_KEYWORD:
            given[parameter.name] = _BY_NAME.get(parameter.name, "x")
    return given


def places(name: str) -> list[str]:
    """Return the names of a method's arguments and keyword options."""
    signature = inspect.signature(getattr(MilvusClient, name))
    found = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            found += _options(str(parameter.annotation))
        elif parameter.name != "self":
            found.append(parameter.name)
    return found


def _options(annotation: str) -> list[str]:
    from aiomilvus.client import options

    name = annotation.removeprefix("Unpack[").removesuffix("]")
    kind = getattr(options, name, None)
    return [] if kind is None else sorted(kind.__optional_keys__)
