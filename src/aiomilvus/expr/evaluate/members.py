"""Whether values are in a set: see `expr.membership`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.expr.evaluate import json_values, strings
from aiomilvus.expr.evaluate.answers import Verdict
from aiomilvus.expr.json_paths import Kind
from aiomilvus.expr.membership.bloom import BloomFilter
from aiomilvus.expr.predicate import JsonPath

if TYPE_CHECKING:
    from aiomilvus.expr.evaluate.answers import Rows
    from aiomilvus.expr.membership.roaring import RoaringBitmap
    from aiomilvus.expr.predicate import Members


def among(leaf: Members, rows: Rows) -> Verdict:
    """Answer ``membership_match(…)``."""
    operand, members = leaf.operand, leaf.members
    if isinstance(operand, JsonPath):
        return _among_json(leaf, members, rows)
    if operand.dtype.is_integer:
        values = rows.fixed(operand.name).values.astype(np.int64)
        return Verdict.of(members.has_integers(values), rows.valid(operand.name))
    if not isinstance(members, BloomFilter):
        raise TypeError("a roaring bitmap holds integers")
    texts, known = strings.read(operand, rows)
    return Verdict.of(members.has_texts(iter(texts)), known)


def _among_json(leaf: Members, members: BloomFilter | RoaringBitmap, rows: Rows) -> Verdict:
    """Answer for integers and texts; anything else is neither in the set nor out of it."""
    values = json_values.values_of(leaf.operand, rows)
    known = values.are(Kind.INTEGER, Kind.STRING)
    outcome = np.zeros(len(values), np.bool_)
    integers = values.are(Kind.INTEGER)
    outcome[integers] = members.has_integers(values.integers[integers])
    if values.has(Kind.STRING) and isinstance(members, BloomFilter):
        chosen = np.flatnonzero(values.are(Kind.STRING))
        outcome[chosen] = members.has_texts(iter(values.strings.take(chosen)))
    return Verdict(outcome, known)
