"""Analyzers chosen row by row: Milvus' ``multi_analyzer_params``.

Called by the BM25 function of a field that names one, and by searches that pass
``analyzer_name``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.text.analyzer import Analyzer, build_analyzer
from aiomilvus.engine.text.analyzer_params import check_keys, refuse, string
from aiomilvus.model.columns import SparseColumn
from aiomilvus.model.json_text import decode_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DEFAULT = "default"


class MultiAnalyzer:
    """One analyzer per language, and the field whose value says which.

    Attributes:
        by_field: Name of the VARCHAR field that names each row's analyzer.
    """

    def __init__(
        self, by_field: str, analyzers: Mapping[str, Analyzer], alias: Mapping[str, str]
    ) -> None:
        self.by_field = by_field
        self._analyzers = dict(analyzers)
        self._alias = dict(alias)

    def analyzer(self, name: str | None) -> Analyzer:
        """Return the analyzer called `name`, directly or by alias, else the default one."""
        if name is None:
            return self._analyzers[_DEFAULT]
        known = self._analyzers.get(self._alias.get(name, name))
        return self._analyzers[_DEFAULT] if known is None else known

    def term_frequencies(self, texts: Sequence[str], names: Sequence[str | None]) -> SparseColumn:
        """Return the sparse rows of `texts`, each by the analyzer that `names` asks for.

        Args:
            texts: A null is given as an empty text.
            names: As many values of `by_field`; None for null.
        """
        groups: dict[Analyzer, list[int]] = {}
        for row, name in enumerate(names):
            groups.setdefault(self.analyzer(name), []).append(row)
        if len(groups) == 1:
            return next(iter(groups)).analyze_many(texts).term_frequencies()
        parts = [
            analyzer.analyze_many([texts[row] for row in rows]).term_frequencies()
            for analyzer, rows in groups.items()
        ]
        if not parts:
            return build_analyzer(None).analyze_many(()).term_frequencies()
        order = np.concatenate([np.array(rows, np.int64) for rows in groups.values()])
        return SparseColumn.concat(parts).take(np.argsort(order))


def build_multi_analyzer(params: Mapping[str, Any] | str) -> MultiAnalyzer:
    """Return the analyzers that ``multi_analyzer_params`` describe.

    Args:
        params: ``{"by_field": name, "analyzers": {name: analyzer JSON, "default": ...},
            "alias": {other name: name}}``, as text or object; alias is optional.

    Raises:
        ParamError: A key is unknown, ``by_field``, ``analyzers`` or the default analyzer is
            missing, an alias leads nowhere, or an analyzer is wrong.
    """
    if isinstance(params, str):
        params = decode_json(params, "multi analyzer params")
    owner = "multi analyzer"
    if not isinstance(params, dict):
        refuse(f"{owner} params should be a json map, got {params!r}")
    check_keys(params, {"by_field", "analyzers", "alias"}, owner)
    analyzers = params.get("analyzers")
    if not isinstance(analyzers, dict):
        refuse(f"{owner} analyzers should be a json map, got {analyzers!r}")
    if _DEFAULT not in analyzers:
        refuse(f"{owner} must have default analyzer for all other language")
    alias = params.get("alias", {})
    if not isinstance(alias, dict):
        refuse(f"{owner} alias should be a json map, got {alias!r}")
    for name in alias:
        if string(alias, name, f"{owner} alias") not in analyzers:
            refuse(f"{owner} alias {name} leads to unknown analyzer {alias[name]}")
    built = {name: build_analyzer(value) for name, value in analyzers.items()}
    return MultiAnalyzer(string(params, "by_field", owner), built, alias)
