"""The filter ``synonym``: rules that replace tokens by others, or put others beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.text.analyzer_params import boolean, check_keys, refuse, strings
from aiomilvus.engine.text.resources import lines_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_FAILED = "read synonym dict failed"
_ARROW = "=>"
_ESCAPED = (_ARROW, ",", "\\", " ")
"""What may stand behind a backslash."""


def synonym_filter(params: Mapping[str, object]) -> Callable[[str], Sequence[str]]:
    """Return the filter that a ``synonym`` object describes.

    Args:
        params: ``synonyms``, a list of rules, ``synonyms_file``, a file of them, and ``expand``,
            true by default.

    Raises:
        ParamError: A rule can't be read, or an option is unknown or of the wrong type.
    """
    owner = "synonym filter"
    check_keys(params, {"type", "synonyms", "synonyms_file", "expand"}, owner)
    rules = strings(params, "synonyms", owner) + lines_in(params, "synonyms_file", owner)
    table = _table(rules, expand=boolean(params, "expand", owner, default=True))

    def replace(token: str) -> Sequence[str]:
        return table.get(token, (token,))

    return replace


def _table(rules: Iterable[str], *, expand: bool) -> dict[str, tuple[str, ...]]:
    """Return what each token becomes; several rules for one add up."""
    found: dict[str, dict[str, None]] = {}
    for row in rules:
        rule = _rule(row)
        for word in rule.words:
            outputs = found.setdefault(word, {})
            if rule.others is not None:
                kept = [word, *rule.others] if expand else rule.others
            else:
                kept = rule.words if expand else rule.words[:1]
            outputs.update(dict.fromkeys(kept))
    return {word: tuple(outputs) for word, outputs in found.items()}


class _Rule(NamedTuple):
    """A rule: `words` become `others`; a group of equals where that is None."""

    words: list[str]
    others: list[str] | None


def _rule(row: str) -> _Rule:
    sides: list[list[str]] = [[""]]
    at = 0
    while at < len(row):
        if row[at] == "\\":
            escaped = _escaped(row, at)
            sides[-1][-1] += escaped if escaped != " " else _BLANK
            at += 1 + len(escaped)
        elif row.startswith(_ARROW, at):
            sides.append([""])
            at += len(_ARROW)
        elif row[at] == ",":
            sides[-1].append("")
            at += 1
        else:
            sides[-1][-1] += row[at]
            at += 1
    if len(sides) > 2:
        refuse(f'{_FAILED}, has more than one "=>" in {row}')
    read = [[word for word in (_word(row, raw) for raw in side) if word] for side in sides]
    return _Rule(read[0], read[1] if len(read) > 1 else None)


_BLANK = "\0"
"""Stands for an escaped blank until blanks that are none of a word are gone."""


def _word(row: str, raw: str) -> str:
    word = raw.strip()
    if " " in word:
        refuse(f"{_FAILED}, has space between words {row}, please use \\ to escape space")
    return word.replace(_BLANK, " ")


def _escaped(row: str, at: int) -> str:
    rest = row[at + 1 :]
    if not rest:
        refuse(f"invalid synonym escaped in the end: {row}")
    found = next((known for known in _ESCAPED if rest.startswith(known)), None)
    if found is None:
        refuse(f"invalid synonym escaped: \\{rest[0]} in {row}")
    return found
