"""Texts analysed on request: bare tokens, or tokens with what else was asked for."""

from __future__ import annotations

from typing import Any

ENGLISH = {"type": "english"}


async def test_tokens_come_bare_for_one_text_and_for_many(client: Any) -> None:
    assert (await client.run_analyzer("Foxes jumped", analyzer_params=ENGLISH)).tokens == [
        "fox",
        "jump",
    ]
    found = await client.run_analyzer(["Foxes", "the"], analyzer_params=ENGLISH)
    assert [each.tokens for each in found] == [["fox"], []]


async def test_details_and_hashes_come_when_asked_for(client: Any) -> None:
    asked: dict[str, Any] = {"analyzer_params": ENGLISH, "with_detail": True}
    (token,) = (await client.run_analyzer("the Foxes", **asked)).tokens
    assert token == {
        "token": "fox",
        "start_offset": 4,
        "end_offset": 9,
        "position": 1,
        "position_length": 1,
    }
    assert token.token == "fox"
    (hashed,) = (await client.run_analyzer("the Foxes", **asked, with_hash=True)).tokens
    assert hashed["hash"] > 0
    (bare,) = (
        await client.run_analyzer("the Foxes", analyzer_params=ENGLISH, with_hash=True)
    ).tokens
    assert bare == {"token": "fox", "hash": hashed["hash"]}
