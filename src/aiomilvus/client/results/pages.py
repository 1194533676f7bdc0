"""Pages of a search iterator: hits of one query, of one answer or gathered from several."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from aiomilvus.client.results.lazy import LazyList
from aiomilvus.client.results.search import Hit, Hits, LazyHits, _Answer
from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.model import results

V = TypeVar("V")


class CallableList(list[V]):
    """A list that answers itself when it is called."""

    __slots__ = ()

    def __call__(self) -> list[V]:
        """Return the list."""
        return self


class SearchPage(Hits):
    """One page of a search iterator: hits of its query, best first.

    It is a `Hits`, and what pymilvus calls on its pages can be called on this: `ids`,
    `distances`, `get_session_ts`.

    Example:
        >>> iterator = client.search_iterator("books", [[0.1, 0.8]], batch_size=2)
        >>> page = await iterator.next()
        >>> page.ids(), page.ids, [hit["id"] for hit in page]
        ([1, 3], [1, 3], [1, 3])
    """

    __slots__ = ()

    @property
    def ids(self) -> CallableList[Any]:
        """Primary keys of all hits, as a list that may be called, too."""
        return CallableList(super().ids)

    @property
    def distances(self) -> CallableList[float]:
        """Distances of all hits, as a list that may be called, too."""
        return CallableList(super().distances)

    @property
    def found(self) -> results.SearchResult:
        """The hits as columns."""
        whole = self._answer.found
        if self._start == 0 and self._stop == len(whole.ids):
            return whole
        return _taken([whole], range(self._start, self._stop))

    def get_session_ts(self) -> int:
        """Return the hybrid timestamp of the snapshot that was searched.

        Example:
            >>> page = await client.search_iterator("books", [[0.1, 0.8]]).next()
            >>> page.get_session_ts() > 0
            True
        """
        return self._answer.found.timestamp

    def emptied(self) -> SearchPage:
        """Return a page of no hits, with the columns of this one.

        Example:
            >>> page = await client.search_iterator("books", [[0.1, 0.8]]).next()
            >>> page.emptied().to_arrow().column_names
            ['id', 'distance']
        """
        return SearchPage(self._answer, self._start, self._start)


class LazySearchPage(LazyList[Hit], SearchPage):
    """A page of a large answer: each hit is made when it is touched."""

    __slots__ = ()
    _filled_class = SearchPage


def page_of(hits: Hits) -> SearchPage:
    """Return the hits of an answer as a page; they become one themselves."""
    kind = LazySearchPage if isinstance(hits, LazyHits) else SearchPage
    hits.__class__ = kind  # the same layout, and hits of a large answer stay out
    page: Any = hits
    made: SearchPage = page
    return made


class Source(NamedTuple):
    """An answer that hits are chosen of.

    Attributes:
        page: The answer, as the application may have changed it.
        made: Its hits, as they were.
    """

    page: SearchPage
    made: list[Hit]


def chosen_page(
    hits: Sequence[Hit], sources: Sequence[Source], round_decimal: int = -1
) -> SearchPage:
    """Return a page of hits that were chosen out of several answers, which tell their columns.

    Args:
        hits: The hits, in the page's order.
        sources: The answers, at least one.
        round_decimal: Digits to round distances to.

    Raises:
        ParamError: One of the hits is of no answer.
    """
    starts = [0, *accumulate(len(source.made) for source in sources)]
    places = {
        id(hit): start + at
        for start, source in zip(starts, sources, strict=False)
        for at, hit in enumerate(source.made)
    }
    rows = [places.get(id(hit), -1) for hit in hits]
    if -1 in rows:
        raise ParamError(
            message="`external_filter_func` should return some of the hits that it is given, got "
            f"a {type(hits[rows.index(-1)]).__name__} that is none of them"
        )
    found = _taken([source.page.found for source in sources], rows)
    page = SearchPage(_Answer(found, round_decimal), 0, len(rows))
    page.extend(hits)
    return page


def _taken(wholes: Sequence[results.SearchResult], rows: Sequence[int]) -> results.SearchResult:
    from aiomilvus.client.results.taking import taken  # noqa: PLC0415 - numpy, for public names

    return taken(wholes, rows)
