"""Sort keys: texts ``field:desc``, or objects."""

from __future__ import annotations

from typing import Any

from aiomilvus.server.rest.failures import bad_json


def order_text(given: list[Any]) -> str:
    """Return sort keys as one text, ``price:desc,name``."""
    return ",".join(_key(each) for each in given)


def _key(given: Any) -> str:
    if isinstance(given, str):
        return given
    if isinstance(given, dict):
        words = [given.get("field") or given.get("fieldName"), given.get("order")]
        return ":".join(str(word) for word in words if word)
    raise bad_json("orderByFields should hold texts such as price:desc")
