"""Partition key isolation: a search names exactly one key.

With the property ``partitionkey.isolation``, a search is of one tenant: its filter must hold
``key == value`` as a part that all rows have to pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.properties import ISOLATION
from aiomilvus.errors import ParamError
from aiomilvus.expr.predicate import And, Compare, In, Not, Or, Range, Sample
from aiomilvus.model.truths import is_true

if TYPE_CHECKING:
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.expr.predicate import Bound, Predicate

_NAMES = {
    "!=": "NotEqual",
    "<": "LessThan",
    "<=": "LessEq",
    ">": "GreaterThan",
    ">=": "GreaterEq",
}


def check_isolation(snapshot: Snapshot, predicate: Predicate | None) -> None:
    """Raise ParamError unless the filter names one partition key, where that is required."""
    if not is_true(snapshot.properties.get(ISOLATION, "")):
        return
    key = snapshot.schema.partition_key
    if key is None:
        return
    if predicate is None or not _names_key(predicate.root, key.name):
        message = (
            "partition key not found in expr or the expr is invalid when validating partition "
            "key isolation: invalid parameter"
        )
        raise ParamError(message=message)


def _refused(what: str) -> ParamError:
    return ParamError(message=f"partition key isolation does not support {what}: invalid parameter")


def _names_key(node: Bound, key: str) -> bool:
    """Return whether all rows that pass have one key, by an equality in the filter."""
    if isinstance(node, And | Or):
        found = [_names_key(each, key) for each in node.operands]  # all of them: each may refuse
        if any(found) and isinstance(node, Or):
            raise _refused("OR")
        return any(found)
    if isinstance(node, Sample):
        return _names_key(node.predicate, key)
    if isinstance(node, Not):
        if _names_key(node.operand, key):
            raise _refused("NOT")
        return False
    return _leaf_names_key(node, key)


def _leaf_names_key(leaf: Bound, key: str) -> bool:
    if getattr(getattr(leaf, "operand", None), "name", None) != key:
        return False
    if isinstance(leaf, In):
        raise _refused("IN")
    if isinstance(leaf, Range):
        raise _refused("range")
    if isinstance(leaf, Compare) and leaf.op != "==":
        raise _refused(_NAMES[leaf.op])
    return isinstance(leaf, Compare)
