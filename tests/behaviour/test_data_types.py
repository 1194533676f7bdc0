"""Every data type: what is written is read, while it grows, sealed, merged and reopened."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from aiomilvus import AnnSearchRequest, DataType, MilvusException, ParamError, RRFRanker
from tests.behaviour.conftest import DOORS, Door

if TYPE_CHECKING:
    from pathlib import Path


class Kind(NamedTuple):
    """A field: its type, its options, values that go in, and how they come out."""

    name: str
    dtype: DataType
    options: dict[str, Any]
    given: list[Any]
    read: list[Any] | None = None

    @property
    def expected(self) -> list[Any]:
        return self.given if self.read is None else self.read


def _array(element: DataType, values: list[Any], **options: Any) -> Kind:
    given = [values, [], values[:1]]
    options = {"element_type": element, "max_capacity": 4, **options}
    return Kind(f"array of {element.name}", DataType.ARRAY, options, given)


def _half(*numbers: float) -> bytes:
    return np.array(numbers, np.float16).tobytes()


def _bfloat(*numbers: float) -> bytes:
    return b"".join(struct.pack("<f", number)[2:] for number in numbers)


BIG = 2**63 - 1
MOMENTS = [
    "2025-01-31T12:30:00+02:00",
    "1969-12-31T23:59:59.999999Z",
    "2024-02-29",
    "9999-12-31T23:59:59Z",
]
READ_MOMENTS = [
    "2025-01-31T10:30:00Z",
    "1969-12-31T23:59:59.999999Z",
    "2024-02-29T00:00:00Z",
    "9999-12-31T23:59:59Z",
]
DOCUMENTS = [{"a": [1, {"b": None}], "é\n": "𝄞"}, [], '"text"', 1.5, True, {}, BIG, '{"x": 0}']
READ_DOCUMENTS = [{"a": [1, {"b": None}], "é\n": "𝄞"}, [], "text", 1.5, True, {}, BIG, {"x": 0}]
PRECISE = [
    "POINT (0.30000000000000004 123456.78901234567)",
    "POINT (-0.005893909669687945 -7.3e-290)",
    "LINESTRING (179.99999999999997 1e+22, 0.1 5e-324)",
]
SCALARS = [
    Kind("bool", DataType.BOOL, {}, [True, False]),
    Kind("int8", DataType.INT8, {}, [-128, 127, 0]),
    Kind("int16", DataType.INT16, {}, [-(2**15), 2**15 - 1]),
    Kind("int32", DataType.INT32, {}, [-(2**31), 2**31 - 1]),
    Kind("int64", DataType.INT64, {}, [-(2**63), BIG, 2**53 + 1]),
    Kind("float", DataType.FLOAT, {}, [1.5, -0.25, 2.0**100]),
    Kind("double", DataType.DOUBLE, {}, [0.1, -1e300, 5e-324]),
    Kind("varchar", DataType.VARCHAR, {"max_length": 20}, ["", "a\x00b", "𝄞é\n", "'\"\\"]),
    Kind("json", DataType.JSON, {}, DOCUMENTS, READ_DOCUMENTS),
    Kind("moments", DataType.TIMESTAMPTZ, {}, MOMENTS, READ_MOMENTS),
    Kind(
        "geometry",
        DataType.GEOMETRY,
        {},
        ["POLYGON((0 0,4 0,4 4,0 0))", "LINESTRING EMPTY", "POINT Z (1 2 3)", *PRECISE],
        ["POLYGON ((0 0, 4 0, 4 4, 0 0))", "LINESTRING EMPTY", "POINT Z (1 2 3)", *PRECISE],
    ),
    _array(DataType.BOOL, [True, False]),
    _array(DataType.INT8, [-128, 127]),
    _array(DataType.INT16, [-300, 300]),
    _array(DataType.INT32, [-(2**31), 7]),
    _array(DataType.INT64, [-(2**63), BIG]),
    _array(DataType.FLOAT, [0.5, -2.0]),
    _array(DataType.DOUBLE, [0.1, 1e300]),
    _array(DataType.VARCHAR, ["", "𝄞", "\x00"], max_length=8),
]
VECTORS = [
    Kind("float vector", DataType.FLOAT_VECTOR, {"dim": 2}, [[1.0, -2.5], [0.0, 2.0**100]]),
    Kind("half vector", DataType.FLOAT16_VECTOR, {"dim": 2}, [_half(1, -2), _half(0.5, 65504)]),
    Kind("bfloat vector", DataType.BFLOAT16_VECTOR, {"dim": 2}, [_bfloat(1, -2), _bfloat(0.5, 8)]),
    Kind("int8 vector", DataType.INT8_VECTOR, {"dim": 2}, [b"\x80\x7f", b"\x00\xff"]),
    Kind("binary vector", DataType.BINARY_VECTOR, {"dim": 16}, [b"\x00\xff", b"\x81\x01"]),
    Kind("sparse vector", DataType.SPARSE_FLOAT_VECTOR, {}, [{1: 0.5, 2**32 - 2: 2.0}, {7: 1.0}]),
]
IDS = [kind.name for kind in (*SCALARS, *VECTORS)]


async def _create(client: Door, kind: Kind, **options: Any) -> None:
    raw = client.raw
    schema = raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("x", kind.dtype, **{**kind.options, **options})
    params = raw.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    if kind.dtype.is_vector:
        params.add_index("x", index_type="AUTOINDEX")
    await client.create_collection("c", schema=schema, index_params=params)


async def _values(client: Door) -> dict[int, Any]:
    found = await client.query("c", filter="id >= 0", output_fields=["x"])
    return {row["id"]: _unwrapped(row["x"]) for row in found}


def _unwrapped(value: Any) -> Any:
    """A query gives byte vectors in a list of one."""
    return value[0] if isinstance(value, list) and [type(v) for v in value] == [bytes] else value


async def _reopened(client: Door, door_name: str, tmp_path: Path) -> Door:
    if not door_name.startswith("embedded"):
        return client
    await client.close()
    return Door(DOORS[door_name](str(tmp_path / "test.db")))


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", [*SCALARS, *VECTORS], ids=IDS)
async def test_values_and_nulls_survive_every_state(
    client: Door, kind: Kind, door_name: str, tmp_path: Path
) -> None:
    await _create(client, kind, nullable=True)
    given = [*kind.given, None]
    wanted = dict(enumerate([*kind.expected, None]))
    rows = [{"id": at, "v": [at, 0], "x": value} for at, value in enumerate(given)]
    await client.insert("c", rows[::2])
    odd = {name: [row[name] for row in rows[1::2]] for name in rows[0]}
    await client.insert("c", odd)
    assert await _values(client) == wanted
    await client.flush("c")
    assert await _values(client) == wanted
    await client.upsert("c", [rows[-1], rows[0]])
    assert await _values(client) == wanted
    await client.flush("c")
    await client.compact("c")
    again = await _reopened(client, door_name, tmp_path)
    assert await _values(again) == wanted
    if again is not client:
        await again.close()


DEFAULTS = {
    "bool": True,
    "int8": -5,
    "int64": 2**53 + 1,
    "double": 0.1,
    "varchar": "none",
    "moments": "2020-01-01T00:00:00Z",
    "geometry": "POINT (0 0)",
}


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", [k for k in SCALARS if k.name in DEFAULTS], ids=list(DEFAULTS))
async def test_defaults_stand_for_what_is_not_given(client: Door, kind: Kind) -> None:
    default = DEFAULTS[kind.name]
    await _create(client, kind, default_value=default)
    await client.insert("c", [{"id": 0, "v": [0, 0], "x": kind.given[0]}, {"id": 1, "v": [0, 0]}])
    await client.insert("c", [{"id": 2, "v": [0, 0]}])
    assert await _values(client) == {0: kind.expected[0], 1: default, 2: default}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("geometry", "POINT (1"),
        ("geometry", 7),
        ("geometry", "LINESTRING (0 0, inf 1)"),
        ("geometry", "POINT (nan nan)"),
        ("geometry", "POINT Z (1 2 -inf)"),
        ("moments", "yesterday"),
        ("moments", "2025-02-30T00:00:00Z"),
        ("json", object()),
        ("int8", 128),
        ("int8", 1.5),
        ("varchar", "x" * 21),
        ("float", float("nan")),
        ("array of INT8", [128]),
        ("array of VARCHAR", ["x" * 9]),
        ("array of BOOL", [True] * 5),
        ("array of INT64", [1, None]),
        ("half vector", _half(float("inf"), 0)),
        ("bfloat vector", _bfloat(float("nan"), 0)),
        ("half vector", [1e39, 0.0]),
        ("bfloat vector", [1e39, 0.0]),
        ("bfloat vector", np.array([1e308, 0.0])),
        ("float vector", [1e39, 0.0]),
        ("int8 vector", [128, 0]),
        ("float vector", [1.0]),
        ("binary vector", b"\x00"),
    ],
)
async def test_values_that_do_not_fit_are_refused_whole(client: Door, name: str, bad: Any) -> None:
    kind = next(kind for kind in (*SCALARS, *VECTORS) if kind.name == name)
    await _create(client, kind)
    rows = [{"id": 0, "v": [0, 0], "x": kind.given[0]}, {"id": 1, "v": [0, 0], "x": bad}]
    with pytest.raises(MilvusException, match="x"):
        await client.insert("c", rows)
    assert await _values(client) == {}


@pytest.mark.asyncio
async def test_nullable_vectors_are_no_hits_where_they_are_null(client: Door) -> None:
    await _create(client, VECTORS[0], nullable=True)
    rows = [{"id": at, "v": [0, 0], "x": [at, 0] if at % 2 else None} for at in range(6)]
    await client.insert("c", rows)
    for _ in range(2):
        found = await client.search("c", [[0.0, 1.0]], anns_field="x", limit=6)
        assert sorted(hit["id"] for hit in found[0]) == [1, 3, 5]
        await client.flush("c")


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", VECTORS[1:4], ids=["half", "bfloat", "int8"])
async def test_narrow_vectors_are_searched_by_their_own_bytes_and_by_numbers(
    client: Door, kind: Kind
) -> None:
    await _create(client, kind)
    rows = [{"id": at, "v": [0, 0], "x": value} for at, value in enumerate(kind.given)]
    await client.insert("c", rows)
    found = await client.search("c", [kind.given[1]], anns_field="x", limit=1)
    assert found[0][0]["id"] == 1
    assert found[0][0]["distance"] == pytest.approx(1.0, abs=1e-2)


@pytest.mark.asyncio
async def test_geometries_are_filtered_by_their_relations(client: Door) -> None:
    kind = Kind("g", DataType.GEOMETRY, {}, [f"POINT ({at} {at})" for at in range(6)])
    await _create(client, kind, nullable=True)
    rows = [{"id": at, "v": [0, 0], "x": value} for at, value in enumerate([*kind.given, None])]
    await client.insert("c", rows)
    area = "'POLYGON ((0.5 0.5, 3.5 0.5, 3.5 3.5, 0.5 3.5, 0.5 0.5))'"
    for _ in range(2):
        found = await client.query("c", filter=f"st_within(x, {area})", output_fields=["id"])
        assert sorted(row["id"] for row in found) == [1, 2, 3]
        await client.create_index("c", _rtree(client.raw))
        await client.flush("c")


def _rtree(raw: Any) -> Any:
    params = raw.prepare_index_params()
    params.add_index("x", index_type="RTREE")
    return params


@pytest.mark.asyncio
async def test_moments_have_time_zones(client: Door) -> None:
    await _create(client, SCALARS[9], nullable=True)
    await client.alter_collection_properties("c", {"timezone": "Asia/Tokyo"})
    await client.insert("c", [{"id": 0, "v": [0, 0], "x": "2025-01-01T00:00:00"}])
    await client.insert("c", {"id": [1], "v": [[0.0, 0.0]], "x": ["2025-01-01T00:00:00Z"]})
    shown = {0: "2025-01-01T00:00:00+09:00", 1: "2025-01-01T09:00:00+09:00"}
    assert await _values(client) == shown
    asked = {"filter": "x < ISO '2025-01-01T00:00:01'", "output_fields": ["x"]}
    assert await client.query("c", **asked) == [{"id": 0, "x": shown[0]}]
    found = await client.query("c", **asked, timezone="UTC")
    assert [row["x"] for row in found] == ["2024-12-31T15:00:00Z", "2025-01-01T00:00:00Z"]
    found = await client.search(
        "c", [[0.0, 0.0]], anns_field="v", limit=2, output_fields=["x"], timezone="Europe/Paris"
    )
    assert {hit["entity"]["x"] for hit in found[0]} == {
        "2024-12-31T16:00:00+01:00",
        "2025-01-01T01:00:00+01:00",
    }
    with pytest.raises(ParamError, match="timezone"):
        await client.query("c", filter="id >= 0", output_fields=["x"], timezone="Mars/Base")
    # Before clocks had whole minutes of offset, and in the year 10000 there.
    far = ["1850-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
    await client.upsert("c", [{"id": at, "v": [0, 0], "x": text} for at, text in enumerate(far)])
    assert await _values(client) == {0: "1850-01-01T09:18:59+09:18:59", 1: far[1]}
    found = await client.query("c", filter="id == 1", output_fields=["x"], time_fields="year")
    assert [row["x"] for row in found] == [[9999]]
    with pytest.raises(ParamError, match="years 0 to 9999"):
        await client.insert("c", [{"id": 2, "v": [0, 0], "x": 10**18}])


@pytest.mark.asyncio
async def test_moments_begin_with_the_year_0_and_groups_of_them_are_taken_apart(
    client: Door,
) -> None:
    await _create(client, SCALARS[9], nullable=True)
    texts = ["0000-01-01T00:00:00Z", "0000-12-31T23:59:59.5Z", "0001-01-01T00:00:00Z"]
    await client.insert("c", [{"id": at, "v": [0, 0], "x": text} for at, text in enumerate(texts)])
    assert await _values(client) == dict(enumerate(texts))
    early = "x < ISO '0001-01-01T00:00:00Z'"
    found = await client.query("c", filter=early, output_fields=["x"], time_fields="year, month")
    assert [row["x"] for row in found] == [[0, 1], [0, 12]]
    asked = {"group_by_fields": ["x"], "output_fields": ["x", "count(*)"], "time_fields": "year"}
    found = await client.query("c", filter="id >= 0", **asked)
    assert sorted((row["x"], row["count(*)"]) for row in found) == [([0], 1), ([0], 1), ([1], 1)]
    with pytest.raises(ParamError, match="years 0 to 9999"):
        await client.insert("c", [{"id": 3, "v": [0, 0], "x": "0000-01-01T00:00:00+01:00"}])


@pytest.mark.asyncio
async def test_a_default_moment_may_be_given_in_microseconds(client: Door) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("x", DataType.TIMESTAMPTZ, default_value=1_735_689_600_000_000)
    index = client.raw.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index)
    await client.insert("c", [{"id": 0, "v": [0, 0]}])
    assert await _values(client) == {0: "2025-01-01T00:00:00Z"}
    described = (await client.describe_collection("c"))["fields"][2]["default_value"]
    assert "2025-01-01T00:00:00Z" in str(described)


@pytest.mark.asyncio
async def test_a_collection_takes_over_the_time_zone_of_its_database(client: Door) -> None:
    await client.create_database("d", properties={"timezone": "Asia/Tokyo"})
    await client.use_database("d")
    await _create(client, SCALARS[9], nullable=True)
    assert (await client.describe_collection("c"))["properties"]["timezone"] == "Asia/Tokyo"
    await client.insert("c", [{"id": 0, "v": [0, 0], "x": "2025-01-01T00:00:00"}])
    assert await _values(client) == {0: "2025-01-01T00:00:00+09:00"}
    await client.alter_database_properties("d", {"timezone": "Europe/Paris"})
    assert await _values(client) == {0: "2025-01-01T00:00:00+09:00"}
    await client.drop_collection_properties("c", ["timezone"])
    assert await _values(client) == {0: "2024-12-31T15:00:00Z"}


@pytest.mark.asyncio
async def test_default_moments_are_read_in_the_zone_of_the_collection(client: Door) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("x", DataType.TIMESTAMPTZ, default_value="2025-01-01T00:00:00")
    params = client.raw.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    zone = {"timezone": "Asia/Tokyo"}
    for _ in range(2):  # the same collection again is a success
        await client.create_collection("c", schema=schema, index_params=params, properties=zone)
    moment = {"nullable": True, "default_value": "2025-07-01T12:00:00"}
    await client.add_collection_field("c", "y", DataType.TIMESTAMPTZ, **moment)
    await client.insert("c", [{"id": 0, "v": [0.0, 0.0]}])
    rows = await client.query("c", filter="id == 0", output_fields=["x", "y"], timezone="UTC")
    assert rows == [{"id": 0, "x": "2024-12-31T15:00:00Z", "y": "2025-07-01T03:00:00Z"}]
    described = await client.describe_collection("c")
    defaults = [f.get("default_value") for f in described["fields"] if f["name"] in "xy"]
    assert "2025-01-01T00:00:00+09:00" in str(defaults[0])
    await client.alter_collection_properties("c", {"timezone": "Europe/Paris"})
    described = await client.describe_collection("c")
    defaults = [f.get("default_value") for f in described["fields"] if f["name"] in "xy"]
    assert "2024-12-31T16:00:00+01:00" in str(defaults[0])
    assert "2025-07-01T05:00:00+02:00" in str(defaults[1])
    await client.insert("c", [{"id": 1, "v": [0.0, 0.0]}])
    assert (await client.query("c", filter="id == 1", output_fields=["x"], timezone="UTC"))[0][
        "x"
    ] == "2024-12-31T15:00:00Z"


@pytest.mark.asyncio
async def test_moments_are_taken_apart(client: Door) -> None:
    await _create(client, SCALARS[9], nullable=True)
    moments = ["2024-12-31T15:04:05.000006Z", None, "1969-12-31T23:59:59Z"]
    await client.insert("c", [{"id": at, "v": [0, at], "x": m} for at, m in enumerate(moments)])
    parts = "year, month day,HOUR minute second microsecond"
    expected = [[2024, 12, 31, 15, 4, 5, 6], None, [1969, 12, 31, 23, 59, 59, 0]]
    asked: dict[str, Any] = {"output_fields": ["x"], "time_fields": parts}
    rows = await client.query("c", filter="id >= 0", **asked)
    assert [row["x"] for row in rows] == expected
    nearest = {"anns_field": "v", "limit": 3}
    hits = await client.search("c", [[0.0, 0.0]], **nearest, **asked)
    assert [hit["entity"]["x"] for hit in hits[0]] == expected
    grouped = await client.search("c", [[0.0, 0.0]], **nearest, group_by_field="x", **asked)
    assert [hit["entity"]["x"] for hit in grouped[0]] == expected
    unread = {"time_fields": parts, "group_by_field": "x"}  # moments that no output field has
    assert [hit["id"] for hit in (await client.search("c", [[0.0, 0.0]], **nearest, **unread))[0]]
    counted = {"output_fields": ["x", "count(*)"], "time_fields": "year"}
    groups = await client.query("c", "id >= 0", group_by_fields=["x"], **counted)
    assert sorted((row["x"] or [0])[0] for row in groups) == [0, 1969, 2024]
    request = AnnSearchRequest([[0.0, 0.0]], "v", {"metric_type": "L2"}, 3)
    merged = await client.hybrid_search("c", [request], RRFRanker(), limit=1, **asked)
    assert merged[0][0]["entity"]["x"] == expected[0]
    tokyo = {"time_fields": "year", "timezone": "Asia/Tokyo", "output_fields": ["x"]}
    assert (await client.query("c", filter="id == 0", **tokyo))[0]["x"] == [2025]
    with pytest.raises(ParamError, match="unsupported field for extraction: week"):
        await client.query("c", filter="id == 0", output_fields=["x"], time_fields="year week")
    with pytest.raises(ParamError, match="unsupported field for extraction: week"):
        await client.search("c", [[0.0, 0.0]], **nearest, output_fields=["x"], time_fields="week")


@pytest.mark.asyncio
async def test_moments_are_ordered_and_moved_by_intervals(client: Door) -> None:
    await _create(client, SCALARS[9], nullable=True)
    months = [f"2025-{month:02}-15T00:00:00Z" for month in (3, 1, 2)]
    rows = [{"id": at, "v": [0, 0], "x": moment} for at, moment in enumerate(months)]
    await client.insert("c", rows)
    params = client.raw.prepare_index_params()
    params.add_index("x", index_type="STL_SORT")
    await client.create_index("c", params)
    for _ in range(2):
        text = "x + INTERVAL 'P1M' >= ISO '2025-03-15T00:00:00Z'"
        found = await client.query(
            "c", filter=text, output_fields=["x"], order_by=["x:desc"], limit=5
        )
        assert [row["id"] for row in found] == [0, 2]
        await client.flush("c")


@pytest.mark.asyncio
async def test_moments_come_from_tables(client: Door) -> None:
    pandas = pytest.importorskip("pandas")
    pyarrow = pytest.importorskip("pyarrow")
    await _create(client, SCALARS[9], nullable=True)
    moments = pandas.to_datetime(["2025-01-01T00:00:00", None])
    frame = pandas.DataFrame({"id": [0, 1], "v": [[0.0, 0.0]] * 2, "x": moments})
    await client.insert("c", frame)
    zoned = frame.assign(id=[2, 3], x=moments.tz_localize("Asia/Tokyo"))
    await client.insert("c", pyarrow.Table.from_pandas(zoned))
    assert await _values(client) == {
        0: "2025-01-01T00:00:00Z",
        1: None,
        2: "2024-12-31T15:00:00Z",
        3: None,
    }


async def test_infinite_coordinates_are_refused_as_bytes_too(client: Door) -> None:
    kind = next(kind for kind in SCALARS if kind.name == "geometry")
    await _create(client, kind)
    for x, y in ((0.5, float("inf")), (float("nan"), 0.5)):
        point = struct.pack("<BIdd", 1, 1, x, y)
        with pytest.raises(ParamError, match="coordinates must be finite numbers"):
            await client.insert("c", [{"id": 0, "v": [0, 0], "x": point}])
    assert await _values(client) == {}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(
    ("dtype", "packed"),
    [(DataType.FLOAT16_VECTOR, _half), (DataType.BFLOAT16_VECTOR, _bfloat)],
)
async def test_a_narrow_query_that_is_not_finite_is_refused(
    client: Door, dtype: DataType, packed: Any, number: float
) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", dtype, dim=2)
    params = client.raw.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=params)
    await client.insert("c", [{"id": 1, "v": packed(1, 2)}])
    with pytest.raises(ParamError, match="query vector 1 is not a number or infinity"):
        await client.search("c", [packed(1, 2), packed(1, number)])


@pytest.mark.parametrize(
    "dtype", [DataType.FLOAT_VECTOR, DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR]
)
@pytest.mark.parametrize("wide", [np.array([[1e39, 0.0]]), [np.array([1e39, 0.0])], [[1e39, 0.0]]])
async def test_a_query_beyond_its_type_is_refused_without_a_warning(
    client: Door, dtype: DataType, wide: Any
) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", dtype, dim=2)
    params = client.raw.prepare_index_params("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=params)
    with pytest.raises(ParamError, match="query vector 0 is not a number or infinity"):
        await client.search("c", wide)
