"""``text_match_fuzzy``: rows that contain a query term up to a few typing errors."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import DataType, MilvusException

TEXTS = ["An allergy to apples", "Milvus stores vectors", None, "nothing of it", "an apple"]


async def made(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field(
        "text",
        DataType.VARCHAR,
        max_length=100,
        nullable=True,
        enable_analyzer=True,
        enable_match=True,
    )
    schema.add_field("plain", DataType.VARCHAR, max_length=100, default_value="x")
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    index = client.raw.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index)
    rows = [{"pk": at, "text": text, "v": [float(at), 0.0]} for at, text in enumerate(TEXTS)]
    await client.insert("c", rows[:2])
    await client.flush("c")
    await client.insert("c", rows[2:])


@pytest.mark.parametrize(
    ("query", "edits", "expected"),
    [
        ("alergy", 1, [0]),
        ("Alergy", 1, [0]),
        ("alergy", 0, []),
        ("mivlus", 1, [1]),
        ("alergy aple", 1, [0, 4]),
        ("aple", 2, [0, 4]),
        ("aplpes", 1, [0]),
        ("", 2, []),
    ],
)
async def test_rows_with_a_term_within_the_edits_match(
    client: Any, query: str, edits: int, expected: list[int]
) -> None:
    await made(client)
    expression = f"text_match_fuzzy(text, '{query}', max_edit_distance={edits})"
    assert [row["pk"] for row in await client.query("c", expression)] == expected
    found = await client.search("c", [[0.0, 0.0]], filter=expression, limit=5)
    assert [hit["pk"] for hit in found[0]] == expected


async def test_the_distance_is_checked_and_the_field_must_be_matched(client: Any) -> None:
    await made(client)
    for expression, message in [
        ("text_match_fuzzy(text, 'a', max_edit_distance=3)", r"should be in \[0, 2\], got 3"),
        ("text_match_fuzzy(text, 'a')", "max_edit_distance"),
        ("text_match_fuzzy(plain, 'a', max_edit_distance=1)", "does not enable match"),
        ("text_match_fuzzy(pk, 'a', max_edit_distance=1)", "non-string"),
    ]:
        with pytest.raises(MilvusException, match=message) as caught:
            await client.query("c", expression)
        assert caught.value.code == 1100
