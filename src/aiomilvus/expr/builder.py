"""Filters written in Python: ``col("price") < 10``, joined by ``&``, ``|`` and ``~``.

A `Filter` can be given wherever a filter text can. It is a text with templates, and the
values beside it: no value is ever pasted into the text, so none can change its meaning. ::

    cheap = (col("price") < 10) & col("color").in_(["red", "blue"])
    in_stock = ~col("meta")["stock"].is_null()
    cheap & in_stock

Nothing here knows a schema or checks a type; the engine does when it binds the filter. No
numeric library is imported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from aiomilvus.errors import ArgumentError
from aiomilvus.expr.literals import quote
from aiomilvus.expr.templates import Filter, Operand, Values, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Field", "Filter", "col", "element", "random_sample"]

_NAME = re.compile(r"[^\W\d]\w*|\$meta")
_RELATIONS = ("equals", "touches", "overlaps", "crosses", "contains", "intersects", "within")
_LIKE_SIGNS = re.compile(r"[%_\\]")


class Field(Operand):
    """A field, a key of the dynamic field, or a path into JSON; `col` makes one."""

    def __getitem__(self, key: str | int) -> Field:
        """Return the JSON value under `key`, or the array's element at `key`."""
        if isinstance(key, str) and key:
            shown = _key(key)
        elif type(key) is int and key >= 0:
            shown = str(key)
        else:
            raise ArgumentError(message=f"a key is text, an index a number from 0; got {key!r}")
        return Field(lambda values: f"{self.render(values)}[{shown}]")

    def sub(self, name: str) -> Field:
        """Return the array of one sub-field of a struct: ``chunks[page]``."""
        checked = _identifier(name)
        return Field(lambda values: f"{self.render(values)}[{checked}]")

    # Tests.

    def _tested(self, suffix: str) -> Filter:
        return Filter(lambda values: f"{self.render(values)} {suffix}")

    def _called(self, function: str, *arguments: object, option: str = "") -> Filter:
        def render(values: Values) -> str:
            parts = [self.render(values), *(values.place(argument) for argument in arguments)]
            return f"{function}({', '.join(parts)}{option})"

        return Filter(render)

    def _quoted(self, function: str, text: str, rest: str = "") -> Filter:
        # Older servers take no template as the text of these functions.
        return Filter(lambda values: f"{function}({self.render(values)}, {quote(text)}{rest})")

    def is_null(self) -> Filter:
        """Return the filter for rows that have no value here."""
        return self._tested("is null")

    def is_not_null(self) -> Filter:
        """Return the filter for rows that have a value here."""
        return self._tested("is not null")

    def exists(self) -> Filter:
        """Return the filter for rows in which this JSON path leads to something."""
        return Filter(lambda values: f"exists {self.render(values)}")

    # Text.

    def like(self, pattern: str) -> Filter:
        """Return the filter for text like `pattern`: ``%`` any text, ``_`` one character."""
        return self._tested(f"like {quote(pattern)}")

    def startswith(self, text: str) -> Filter:
        """Return the filter for text that begins with `text`, taken as it stands."""
        return self.like(_plain(text) + "%")

    def endswith(self, text: str) -> Filter:
        """Return the filter for text that ends with `text`, taken as it stands."""
        return self.like("%" + _plain(text))

    def has_text(self, text: str) -> Filter:
        """Return the filter for text in which `text` occurs, taken as it stands."""
        return self.like("%" + _plain(text) + "%")

    def matches(self, regex: str) -> Filter:
        """Return the filter for text in which `regex` (RE2 syntax) is found."""
        return self._tested(f"=~ {_quote_regex(regex)}")

    def text_match(self, query: str, minimum_should_match: int = 1) -> Filter:
        """Return the filter for text with so many of the query's terms."""
        least = int(minimum_should_match)
        option = "" if least == 1 else f", minimum_should_match={least}"
        return self._quoted("text_match", query, option)

    def phrase_match(self, query: str, slop: int = 0) -> Filter:
        """Return the filter for text with the query's terms in order, moved by `slop` at most."""
        return self._quoted("phrase_match", query, f", {int(slop)}" if slop else "")

    # Arrays.

    def contains(self, value: object) -> Filter:
        """Return the filter for arrays that contain `value`."""
        return self._called("json_contains", value)

    def contains_all(self, values: Iterable[object]) -> Filter:
        """Return the filter for arrays that contain each of `values`."""
        return self._called("json_contains_all", listed(values))

    def contains_any(self, values: Iterable[object]) -> Filter:
        """Return the filter for arrays that contain at least one of `values`."""
        return self._called("json_contains_any", listed(values))

    def length(self) -> Operand:
        """Return the number of elements of an array."""
        return Operand(lambda values: f"array_length({self.render(values)})")

    def _matched(self, function: str, condition: Filter, threshold: int | None = None) -> Filter:
        option = "" if threshold is None else f", threshold={int(threshold)}"
        return Filter(
            lambda values: f"{function}({self.render(values)}, {condition.render(values)}{option})"
        )

    def match_any(self, condition: Filter) -> Filter:
        """Return the filter for arrays of which an element fulfils `condition`.

        The condition is about `element`: ``col("chunks").match_any(element("page") > 3)``.
        """
        return self._matched("match_any", condition)

    def match_all(self, condition: Filter) -> Filter:
        """Return the filter for arrays of which every element fulfils `condition`."""
        return self._matched("match_all", condition)

    def match_least(self, condition: Filter, threshold: int) -> Filter:
        """Return the filter for arrays of which `threshold` elements or more fulfil it."""
        return self._matched("match_least", condition, threshold)

    def match_most(self, condition: Filter, threshold: int) -> Filter:
        """Return the filter for arrays of which `threshold` elements or fewer fulfil it."""
        return self._matched("match_most", condition, threshold)

    def match_exact(self, condition: Filter, threshold: int) -> Filter:
        """Return the filter for arrays of which exactly `threshold` elements fulfil it."""
        return self._matched("match_exact", condition, threshold)

    def element_filter(self, condition: Filter) -> Filter:
        """Return `match_any` that an element-level search also applies to the elements."""
        return self._matched("element_filter", condition)

    # Geometry.

    def spatial(
        self,
        relation: Literal[
            "equals", "touches", "overlaps", "crosses", "contains", "intersects", "within"
        ],
        wkt: str,
    ) -> Filter:
        """Return the filter for shapes that stand in `relation` to the shape `wkt`."""
        if relation not in _RELATIONS:
            raise ArgumentError(message=f"no relation {relation!r}; one of {', '.join(_RELATIONS)}")
        return self._quoted(f"st_{relation}", wkt)

    def within_distance(self, wkt: str, metres: float) -> Filter:
        """Return the filter for shapes at most `metres` from the point `wkt`."""
        return self._quoted("st_dwithin", wkt, f", {float(metres)!r}")


def _identifier(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ArgumentError(
            message=f"{name!r} is not a field name; a dynamic key may be any text: "
            "col('$meta')['any text']"
        )
    return name


def _key(key: str) -> str:
    # Milvus takes a key as it stands between its quotes, so prefer quotes that it lacks.
    if '"' in key and "'" not in key and "\\" not in key and key.isprintable():
        return f"'{key}'"
    return quote(key)


def _plain(text: str) -> str:
    return _LIKE_SIGNS.sub(r"\\\g<0>", text)


def _quote_regex(regex: str) -> str:
    escaped = regex.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r") + '"'


def col(name: str) -> Field:
    """Return the field called `name`, or that key of the dynamic field.

    Args:
        name: The field, or key.

    Raises:
        ArgumentError: `name` is not a name; ``col("$meta")["any key"]`` takes any text.

    Example:
        >>> from aiomilvus import col
        >>> found = await client.query("books", col("year") > 1950, output_fields=["title"])
        >>> [row["title"] for row in found]
        ['On Foxes', 'On Rivers']
    """
    checked = _identifier(name)
    return Field(lambda _: checked)


def element(sub_field: str | None = None) -> Field:
    """Return the element that a match function is about, or its sub-field.

    Args:
        sub_field: A sub-field of an array of structs; None for the element of a plain array.

    Raises:
        ArgumentError: `sub_field` is no name.

    Example:
        >>> from aiomilvus import element
        >>> element("page") > 3
        Filter('$[page] > {_v0}', {'_v0': 3})
    """
    if sub_field is None:
        return Field(lambda _: "$")
    checked = _identifier(sub_field)
    return Field(lambda _: f"$[{checked}]")


def random_sample(fraction: float) -> Filter:
    """Return the filter for a random part of the rows; the last of an ``&`` chain."""
    return Filter(lambda _: f"random_sample({float(fraction)!r})")
