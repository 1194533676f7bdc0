"""Models that function chains name: files of the database, pinned to their contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from aiomilvus.engine.operations.text import resources
from aiomilvus.engine.query.rerank.boosted_trees import MODEL, NAME
from aiomilvus.errors import ParamError
from aiomilvus.model.operations.data import Explain, HybridSearch, Search
from aiomilvus.model.ranking import Chains

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.resources import FileResource

S = TypeVar("S", bound=Search | HybridSearch)


def with_models(database: DatabaseState, op: S) -> S:
    """Return a search whose chains name models by their contents.

    Raises:
        ParamError: A file is not registered.
    """
    ranker = op.ranker
    if not isinstance(ranker, Chains) or not any(map(_has_model, ranker.chains)):
        return op
    known = resources(database)
    chains = tuple(
        {**chain, "ops": [_pinned(each, known) for each in chain["ops"]]} for chain in ranker.chains
    )
    return msgspec.structs.replace(op, ranker=Chains(chains=chains))


def explained(database: DatabaseState, op: Explain) -> Explain:
    """Return what is to be explained, a search of it as `with_models` makes it."""
    if not isinstance(op.operation, (Search, HybridSearch)):
        return op
    return msgspec.structs.replace(op, operation=with_models(database, op.operation))


def _has_model(chain: Mapping[str, object]) -> bool:
    operations = chain["ops"]
    return isinstance(operations, (list, tuple)) and any(map(_calls_one, operations))


def _calls_one(operation: Mapping[str, object]) -> bool:
    expression = operation.get("expr")
    return isinstance(expression, dict) and expression.get("name") == NAME


def _pinned(
    operation: Mapping[str, object], known: Mapping[str, FileResource]
) -> Mapping[str, object]:
    expression = operation.get("expr")
    if not isinstance(expression, dict) or expression.get("name") != NAME:
        return operation
    params = dict(expression.get("params") or {})
    name = params.get(MODEL) or ""
    if not isinstance(name, str) or not name:
        raise _invalid(f"{NAME}: {MODEL} is required")
    if name not in known:
        names = ", ".join(sorted(known)) or "none"
        raise _invalid(f'{NAME}: file resource "{name}" not found (registered: {names})')
    params[MODEL] = {"name": name, "checksum": known[name].checksum}
    return {**operation, "expr": {**expression, "params": params}}


def _invalid(message: str) -> ParamError:
    return ParamError(message=f"{message}: invalid parameter")
