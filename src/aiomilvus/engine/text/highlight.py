"""Marking matches in a text: where they are, and the fragments around them.

Positions are characters of the text, whatever the analyzer: a match is marked from the first
character of its token to the last, so stemmed, folded and Chinese terms are marked as they
stand in the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aiomilvus.engine.text.analyzer import Analyzer

Span = tuple[int, int]
"""First character, and the one after the last."""


class Query(NamedTuple):
    """Analysed words to mark: each for itself, or only where they follow each other.

    Attributes:
        terms: The words, in order.
        positions: Where each stood in the query.
        phrase: Whether they have to follow each other.
    """

    terms: tuple[str, ...]
    positions: tuple[int, ...] = ()
    phrase: bool = False


class Style(NamedTuple):
    """How matches are marked and cut out.

    Attributes:
        pre_tags, post_tags: Put around the matches of a fragment, in turn.
        fragment_size: Characters of a fragment, tags not counted.
        fragment_offset: Characters before a fragment's first match.
        num_of_fragments: Most fragments.
    """

    pre_tags: tuple[str, ...] = ("<em>",)
    post_tags: tuple[str, ...] = ("</em>",)
    fragment_size: int = 100
    fragment_offset: int = 0
    num_of_fragments: int = 5


def query_of(analyzer: Analyzer, text: str, *, phrase: bool = False) -> Query:
    """Return the words of a query text."""
    tokens = analyzer.detail(text)
    return Query(
        tuple(token.term for token in tokens), tuple(token.position for token in tokens), phrase
    )


def matches(analyzer: Analyzer, text: str, queries: Sequence[Query]) -> list[Span]:
    """Return what the queries match in `text`, in order; overlapping matches are one."""
    tokens = analyzer.detail(text)
    if not tokens:
        return []
    characters = _characters(text)
    spans = [(characters[token.start_offset], characters[token.end_offset]) for token in tokens]
    words = {term for query in queries if not query.phrase for term in query.terms}
    found = [span for token, span in zip(tokens, spans, strict=True) if token.term in words]
    at: dict[int, list[int]] = {}
    for number, token in enumerate(tokens):
        at.setdefault(token.position, []).append(number)
    for query in queries:
        if query.phrase and query.terms:
            found += _phrases(query, [token.term for token in tokens], at, spans)
    return _united(sorted(found))


def _phrases(
    query: Query, terms: Sequence[str], at: dict[int, list[int]], spans: Sequence[Span]
) -> Iterator[Span]:
    """Yield the words of every occurrence of a phrase."""
    first = query.positions[0]
    steps = [position - first for position in query.positions]
    for start in at:
        words = []
        for term, step in zip(query.terms, steps, strict=True):
            here = [number for number in at.get(start + step, ()) if terms[number] == term]
            words += [spans[number] for number in here[:1]]
        if len(words) == len(steps):
            yield from words


def _united(spans: list[Span]) -> list[Span]:
    united: list[Span] = []
    for start, end in spans:
        if united and start < united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _characters(text: str) -> Sequence[int]:
    """Return the character that each byte of the text's UTF-8 belongs to, and the end."""
    if text.isascii():
        return range(len(text) + 1)
    found: list[int] = []
    for number, character in enumerate(text):
        found += [number] * len(character.encode())
    return [*found, len(text)]


def fragments(text: str, spans: Sequence[Span], style: Style) -> list[str]:
    """Return the pieces of `text` that hold the matches, with the matches marked.

    A fragment starts `fragment_offset` characters before its first match and takes in every
    match that begins within its `fragment_size` characters or right behind them, and ends behind
    its last match at the earliest. A text without matches has none.
    """
    groups: list[tuple[int, int, list[Span]]] = []
    for start, end in spans:
        if groups and start <= groups[-1][1]:
            first, stop, members = groups[-1]
            groups[-1] = (first, max(stop, end), [*members, (start, end)])
            continue
        if len(groups) == style.num_of_fragments:
            break
        first = max(start - style.fragment_offset, 0)
        stop = min(max(first + style.fragment_size, end), len(text))
        groups.append((first, stop, [(start, end)]))
    return [_marked(text, first, stop, members, style) for first, stop, members in groups]


def _marked(text: str, first: int, stop: int, members: Sequence[Span], style: Style) -> str:
    pieces, at = [], first
    for number, (start, end) in enumerate(members):
        pre = style.pre_tags[number % len(style.pre_tags)]
        post = style.post_tags[number % len(style.post_tags)]
        pieces += [text[at:start], pre, text[start:end], post]
        at = end
    return "".join([*pieces, text[at:stop]])
