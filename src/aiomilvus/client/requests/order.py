"""What to sort by, as an application gives it → sort keys."""

from __future__ import annotations

from typing import Any

from aiomilvus.client.arguments import shown
from aiomilvus.errors import ParamError
from aiomilvus.model.sorting import SortKey, split_names


def order_by(given: Any) -> tuple[SortKey, ...]:
    """Return the keys of ``"price:desc:nulls_last"``, of such dicts and tuples, or of several.

    Raises:
        ParamError: A part is none of these, or its direction or place of nulls is no such word.
    """
    keys = []
    if isinstance(given, (str, dict)):
        given = split_names(given) if isinstance(given, str) else [given]
    if not isinstance(given, (list, tuple)):
        raise ParamError(message=f"invalid order_by {shown(given)}: should be a text or a list")
    for part in given:
        if isinstance(part, dict):
            words: Any = [part.get("field"), part.get("order"), part.get("nulls")]
        else:
            words = [part] if isinstance(part, str) else part
        if not isinstance(words, (list, tuple)) or not words or not isinstance(words[0], str):
            raise ParamError(
                message=f"invalid order_by {shown(part)}: should be a field with asc or desc"
            )
        keys.append(SortKey.parse(":".join(str(word or "") for word in words)))
    return tuple(keys)
