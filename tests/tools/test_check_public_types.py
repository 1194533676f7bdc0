"""tools/check_public_types.py: what of pyright's report is about public names."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import AsyncMilvusClient, CollectionSchema
from tools import check_public_types


def symbol(name: str, *, known: bool = True, ambiguous: bool = False, message: str = "") -> Any:
    return {
        "name": name,
        "isTypeKnown": known,
        "isTypeAmbiguous": ambiguous,
        "diagnostics": [{"message": message}] if message else [],
    }


def test_the_clients_methods_are_public_by_the_classes_that_have_them():
    owners = check_public_types.public_owners()
    assert f"{CollectionSchema.__module__}.CollectionSchema" in owners
    assert {f"{base.__module__}.{base.__name__}" for base in AsyncMilvusClient.__mro__[:-1]} <= (
        owners
    )
    assert "builtins.object" not in owners


def test_members_of_public_classes_count_and_others_do_not():
    symbols = [symbol("a.C"), symbol("a.C.method"), symbol("a.D.method", known=False)]
    assert check_public_types.report({"symbols": symbols}, {"a.C"}) == (2, [])


@pytest.mark.parametrize("what", [{"known": False}, {"ambiguous": True}])
def test_an_incomplete_type_is_complained_about_with_the_reason(what: dict[str, bool]):
    symbols = [symbol("a.C.x", message="no\nannotation", **what)]
    assert check_public_types.report({"symbols": symbols}, {"a.C"}) == (
        1,
        ["a.C.x: no annotation"],
    )
