"""Members of enumerations, other subclasses and numpy's scalars count as what they hold."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus import DataType

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door


class Lang(str, enum.Enum):
    EN = "en"
    DE = "de"


class Level(enum.IntEnum):
    ONE = 1
    TWO = 2


class Half(float, enum.Enum):
    IS = 0.5


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


class Number(int):
    def __int__(self) -> int:
        return 99

    def __str__(self) -> str:
        return "98"


class Metric(str, enum.Enum):
    L2 = "L2"


TEMPLATES: list[tuple[str, Any]] = [
    ("lang == {x}", Lang.EN),
    ("lang != {x}", Text("de")),
    ("lang == {x}", np.str_("en")),
    ("lang in {x}", [Lang.EN]),
    ("lang in {x}", [Lang.EN, "fr"]),
    ("lang in {x}", np.array(["en"])),
    ("lang in [{x}]", Lang.EN),
    ("lang like {x}", Text("e%")),
    ("level == {x}", Level.ONE),
    ("level in {x}", [Level.ONE, 7]),
    ("level in {x}", (Number(1),)),
    ("level == {x}", np.int8(1)),
    ("level in {x}", [np.int64(1), np.int64(5)]),
    ("part == {x}", Half.IS),
    ("part in {x}", [Half.IS, np.float32(9)]),
    ("more == {x}", Lang.EN),
    ("more in {x}", [Lang.EN, Level.TWO]),
    ("id in {x}", [Level.ONE]),
]


async def _make(client: Door) -> None:
    schema = client.raw.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("lang", DataType.VARCHAR, max_length=20)
    schema.add_field("level", DataType.INT32)
    schema.add_field("part", DataType.DOUBLE)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    indexes = client.raw.prepare_index_params()
    indexes.add_index("vector", index_type="HNSW", metric_type=Metric.L2, M=Number(8))
    await client.create_collection("c", schema=schema, index_params=indexes)
    rows: list[dict[str, Any]] = [
        {"id": Level.ONE, "lang": Lang.EN, "level": Level.ONE, "part": Half.IS, "more": Lang.EN},
        {"id": Number(2), "lang": Lang.DE, "level": Number(2), "part": 2.0, "more": Text("de")},
    ]
    await client.insert("c", [{**row, "vector": [0.0, 1.0]} for row in rows])


async def test_a_value_for_a_template_counts_as_what_it_holds(client: Door) -> None:
    await _make(client)
    for text, value in TEMPLATES:
        given = {"filter_params": {"x": value}}
        assert await client.query("c", text, ["id"], **given) == [{"id": 1}], (text, value)
        found = await client.search("c", [[0.0, 1.0]], text, 5, ["id"], **given)
        assert [hit["id"] for hit in found[0]] == [1], (text, value)


async def test_a_delete_spares_what_its_template_does_not_name(client: Door) -> None:
    await _make(client)
    await client.delete("c", filter="lang != {x}", filter_params={"x": Lang.EN})
    assert await client.query("c", "id >= 0", ["id"]) == [{"id": 1}]
    await client.delete("c", filter="lang in {x}", filter_params={"x": [Lang.DE, Text("fr")]})
    assert await client.query("c", "id >= 0", ["id"]) == [{"id": 1}]


async def test_rows_keys_and_parameters_count_as_what_they_hold(client: Door) -> None:
    await _make(client)
    (row,) = await client.get("c", [Level.ONE], ["lang", "level", "part", "more"])
    assert row == {"id": 1, "lang": "en", "level": 1, "part": 0.5, "more": "en"}
    assert {type(value) for value in row.values()} == {int, str, float}
    assert (await client.get("c", Number(2), ["lang", "more"]))[0]["more"] == "de"
    assert (await client.describe_index("c", "vector"))["metric_type"] == "L2"
    found = await client.search(
        "c", [[0.0, 1.0]], limit=Number(1), search_params={"metric_type": Metric.L2,
                                                           "params": {"ef": np.int64(20)}}
    )  # fmt: skip
    assert len(found[0]) == 1
    await client.alter_collection_properties("c", {"collection.description": Lang.EN})
    described = await client.describe_collection("c")
    assert described["description"] == "en"
