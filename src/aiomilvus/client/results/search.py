"""What a search answers: SearchResult, a list of Hits per query, each a list of Hit."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from aiomilvus.client.results.arrow import arrow
from aiomilvus.client.results.buckets import AggregationBucket
from aiomilvus.client.results.lazy import FILLED_AT_ONCE, MOST_FILLED, LazyList, MadeList
from aiomilvus.client.results.numbers import numbered
from aiomilvus.client.results.printing import brief, cell
from aiomilvus.client.results.tables import Tabular, column_of, columns_of
from aiomilvus.client.results.values import RowReader, values_of, values_per_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aiomilvus.client.results.tables import Array
    from aiomilvus.model import results


class Hit(dict[str, Any]):
    """One hit: its primary key, ``distance`` and ``entity`` (the output fields).

    Keys of the entity are the hit's, too: ``hit["text"]``, ``hit.get("text")``, ``hit.text``.

    Args:
        fields: ``distance``, ``entity``, and the key by its own name.
        pk_name: Name of the primary key.

    Example:
        >>> hits = await client.search("books", [[0.1, 0.9]], limit=2, output_fields=["title"])
        >>> hits[0][0]["id"], hits[0][0]["title"], hits[0][0].title, hits[0][0]["entity"]
        (1, 'On Tides', 'On Tides', {'title': 'On Tides'})
    """

    __slots__ = ("_pk_name",)

    def __init__(self, fields: dict[str, Any], pk_name: str = "id") -> None:
        dict.__init__(self, fields)
        self._pk_name = pk_name

    def __missing__(self, key: str) -> Any:
        entity = super().__getitem__("entity")
        if key == "id" and key not in entity:
            return super().__getitem__(self._pk_name)
        return entity[key]

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value of the hit or of its entity, `default` where there is none.

        Args:
            key: A key of the hit, or a field of its entity.
            default: What to return where there is none.

        Example:
            >>> hits = await client.search("books", [[0.1, 0.9]], limit=2, output_fields=["title"])
            >>> hits[0][0].get("author", "unknown")
            'unknown'
        """
        try:
            return self[key]
        except KeyError:
            return default

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the hit has no field {name!r}") from None

    @property
    def id(self) -> int | str:
        """The primary key."""
        key: int | str = super().__getitem__(self._pk_name)
        return key

    @property
    def pk(self) -> int | str:
        """The primary key."""
        return self.id

    @property
    def distance(self) -> float:
        """The distance or similarity, by the index' metric."""
        return float(super().__getitem__("distance"))

    @property
    def score(self) -> float:
        """The same as `distance`."""
        return self.distance

    @property
    def entity(self) -> Hit:
        """The hit itself: its entity's keys can be read from it."""
        return self

    @property
    def fields(self) -> dict[str, Any]:
        """The output fields."""
        fields: dict[str, Any] = super().__getitem__("entity")
        return fields

    @property
    def highlight(self) -> dict[str, Any] | None:
        """Marked fragments by field, when a highlighter was given."""
        return super().get("highlight")

    def to_dict(self) -> dict[str, Any]:
        """Return the hit, which is a dict.

        Example:
            >>> hits = await client.search("books", [[0.1, 0.9]], limit=2, output_fields=["title"])
            >>> hits[0][0].to_dict()["entity"]
            {'title': 'On Tides'}
        """
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Hit, (dict(self), self._pk_name)


@lru_cache(maxsize=64)
def _hit_class(pk_name: str) -> type[Hit]:
    """Return `Hit` for one name of primary keys, made as fast as a dict: there are many."""
    body = {"__slots__": (), "__init__": dict.__init__, "_pk_name": pk_name, "__doc__": Hit.__doc__}
    return type("Hit", (Hit,), {**body, "__module__": Hit.__module__})


class Hits(MadeList[Hit], Tabular):
    """The hits of one query, best first.

    Args:
        answer: The answer that they are of.
        start: Its first hit among those of the answer.
        stop: The one behind its last.

    Example:
        >>> hits = await client.search("books", [[0.1, 0.9]], limit=2, output_fields=["title"])
        >>> hits[0].ids, [hit["title"] for hit in hits[0]]
        ([1, 3], ['On Tides', 'On Rivers'])
    """

    __slots__ = ("_answer", "_start", "_stop")

    def __init__(self, answer: _Answer, start: int, stop: int) -> None:
        self._answer = answer
        self._start = start
        self._stop = stop

    @property
    def ids(self) -> list[Any]:
        """Primary keys of all hits."""
        return self._answer.ids(self._start, self._stop)

    @property
    def distances(self) -> list[float]:
        """Distances of all hits."""
        return self._answer.scores(self._start, self._stop)

    def _make_between(self, start: int, stop: int) -> list[Hit]:
        return self._answer.hits(self._start + start, self._start + stop)

    def _columns(self) -> dict[str, Array]:
        return self._answer.columns(self._start, self._stop)

    def _rows_shown(self) -> list[dict[str, str]]:
        return list(map(_shown, self[:10]))

    def __repr__(self) -> str:
        remaining = len(self) - 10
        reminder = f" ... and {remaining} entities remaining" if remaining > 0 else ""
        return f"{brief(self[:10])}{reminder}"

    __str__ = __repr__


class LazyHits(LazyList[Hit], Hits):
    """The hits of one query of a large answer: each is made when it is touched."""

    __slots__ = ()
    _filled_class = Hits

    def __init__(self, answer: _Answer, start: int, stop: int) -> None:
        super().__init__(answer, start, stop)
        self._leave_open(stop - start)


class _Answer:
    """Makes hits from the columns of one search; shared by its `Hits`."""

    __slots__ = ("_entities", "_round", "found", "values_per_hit")

    def __init__(self, found: results.SearchResult, round_decimal: int) -> None:
        self.found: results.SearchResult = found
        self._round = round_decimal
        self._entities: RowReader | None = None
        self.values_per_hit: int = 2
        if found.batch is not None and found.batch.columns:
            self.values_per_hit += values_per_row(found.batch, found.schema)
            self._entities = RowReader(found.batch, found.schema, found.output_fields)

    def ids(self, start: int, stop: int) -> list[Any]:
        keys = self.found.ids
        is_whole = start == 0 and stop == len(keys)
        wanted = keys if is_whole else keys.slice(start, stop)
        return values_of(wanted, self.found.schema.primary.dtype)

    def scores(self, start: int, stop: int) -> list[float]:
        scores: list[float] = self.found.scores[start:stop].tolist()
        if self._round > 0:
            return [round(score, self._round) for score in scores]
        return scores

    def hits(self, start: int, stop: int) -> list[Hit]:
        found = self.found
        pk_name, ids, scores = found.primary_name, self.ids(start, stop), self.scores(start, stop)
        if self._entities is None:
            rows: Iterable[object] = [{} for _ in ids]
        else:
            rows = self._entities.rows_between(start, stop)
        make: Any = _hit_class(pk_name)
        made: list[Hit] = []
        # A hit that is filled key by key takes two thirds of one that is made from a dict.
        for key, score, row in zip(ids, scores, rows, strict=True):
            hit = make()
            hit[pk_name] = key
            hit["distance"] = score
            hit["entity"] = row
            made.append(hit)
        if found.element_indices is not None:
            for hit, offset in zip(made, found.element_indices[start:stop].tolist(), strict=True):
                hit["offset"] = offset
        if found.highlights is not None:
            for hit, marked in zip(made, found.highlights[start:stop], strict=True):
                hit["highlight"] = marked
        return made

    def columns(self, start: int, stop: int) -> dict[str, Array]:
        """Return hits start … stop - 1 as Arrow columns."""
        found = self.found
        columns = {
            found.primary_name: column_of(found.schema.primary, found.ids.slice(start, stop)),
            "distance": arrow().array(found.scores[start:stop]),
        }
        if found.element_indices is not None:
            columns["offset"] = arrow().array(found.element_indices[start:stop])
        if found.batch is not None:
            batch = found.batch.slice(start, stop)
            columns.update(columns_of(batch, found.schema, found.output_fields))
        return columns


def _shown(hit: Hit) -> dict[str, str]:
    """Return the hit's values as short texts, those of its entity among them."""
    values = {**hit, **hit.fields}
    return {name: cell(value) for name, value in values.items() if name != "entity"}


class SearchResult(MadeList[Hits], Tabular):
    """The answer of a search: one `Hits` per query.

    Args:
        found: The hits as columns.
        round_decimal: Digits to round distances to.
        at_once: Whether all is made now; otherwise, where `unfilled`, by `filling`.

    Attributes:
        recalls: Estimated recall per query, or None.
        extra: What the server told beside the hits (``cost``).
        agg_buckets: Aggregation buckets per query, empty unless asked for.
        unfilled: Whether `filling` has to be gone through before anyone sees the answer.

    Example:
        >>> hits = await client.search("books", [[0.1, 0.9]], limit=2, output_fields=["title"])
        >>> len(hits), [hit["id"] for hit in hits[0]]
        (1, [1, 3])
    """

    __slots__ = ("_answer", "_bounds", "agg_buckets", "extra", "found", "recalls", "unfilled")

    def __init__(
        self, found: results.SearchResult, round_decimal: int = -1, *, at_once: bool = True
    ) -> None:
        self.found: results.SearchResult = found
        self._bounds: list[int] = found.offsets.tolist()
        self._answer = _Answer(found, round_decimal)
        self.recalls: list[float] | None = list(found.recalls) or None
        self.extra: dict[str, Any] = {"cost": found.cost} if found.cost else {}
        self.agg_buckets: list[list[AggregationBucket]] = [
            [AggregationBucket(bucket) for bucket in buckets] for buckets in found.buckets or ()
        ]
        queries, hits = len(self._bounds) - 1, self._bounds[-1] - self._bounds[0]
        self.unfilled: bool = queries + hits * self._answer.values_per_hit > FILLED_AT_ONCE
        if not self.unfilled:
            self._fill(0, queries)
        elif at_once:
            deque(self.filling(), maxlen=0)

    def filling(self) -> Iterator[None]:
        """Make the hits in steps of a fraction of a millisecond; those of a large answer stay out.

        Yields:
            After each step.

        Example:
            >>> hits = await client.search("books", [[0.1, 0.9]], limit=2, output_fields=["title"])
            >>> list(hits.filling())[:0], len(hits[0])
            ([], 2)
        """
        per_hit = self._answer.values_per_hit
        self.unfilled = False
        if (self._bounds[-1] - self._bounds[0]) * per_hit > MOST_FILLED:
            for start, stop in pairwise(self._bounds):
                self.append(LazyHits(self._answer, start, stop))
                if len(self) % FILLED_AT_ONCE == 0:
                    yield
            return
        step = max(FILLED_AT_ONCE // per_hit, 1)
        first = 0
        while first < len(self._bounds) - 1:
            last = max(bisect_right(self._bounds, self._bounds[first] + step) - 1, first + 1)
            if self._bounds[last] - self._bounds[first] <= step:
                self._fill(first, min(last, first + step))
                yield
            else:
                yield from self._fill_one(first, step)
            first = len(self)

    def _fill(self, first: int, last: int) -> None:
        """Append the hits of queries `first` … `last` - 1, made all at once."""
        origin = self._bounds[first]
        made = self._answer.hits(origin, self._bounds[last])
        if last - first == 1:
            only = Hits(self._answer, origin, self._bounds[last])
            only.extend(made)
            self.append(only)
            return
        for start, stop in pairwise(self._bounds[first : last + 1]):
            hits = Hits(self._answer, start, stop)
            hits.extend(made[start - origin : stop - origin])
            self.append(hits)

    def _fill_one(self, query: int, step: int) -> Iterator[None]:
        """Append the hits of one query with many."""
        start, stop = self._bounds[query], self._bounds[query + 1]
        hits = Hits(self._answer, start, stop)
        self.append(hits)
        for begin in range(start, stop, step):
            hits.extend(self._answer.hits(begin, min(begin + step, stop)))
            yield

    def materialize(self) -> None:
        """Make every hit of every query now, also those of a large answer.

        Example:
            >>> hits = await client.search("books", [[0.1, 0.9]], limit=2, output_fields=["title"])
            >>> hits.materialize()
        """
        for hits in self:
            if isinstance(hits, LazyHits):
                hits.materialize()

    def get_session_ts(self) -> int:
        """Return the hybrid timestamp of the snapshot that was searched.

        Example:
            >>> hits = await client.search("books", [[0.1, 0.9]], limit=2, output_fields=["title"])
            >>> hits.get_session_ts() > 0
            True
        """
        return self.found.timestamp

    def _columns(self) -> dict[str, Array]:
        start, stop = self._bounds[0], self._bounds[-1]
        queries = arrow().array(numbered(self._bounds))
        return {"query": queries, **self._answer.columns(start, stop)}

    def _rows_shown(self) -> list[dict[str, str]]:
        return [
            {"query": str(number), **_shown(hit)}
            for number, hits in enumerate(self[:10])
            for hit in hits[:10]
        ]

    def __repr__(self) -> str:
        recalls = f",recalls: {self.recalls[:10]}" if self.recalls else ""
        remaining = len(self) - 10
        reminder = f" ... and {remaining} results remaining" if remaining > 0 else ""
        extra = f",{self.extra}" if self.extra else ""
        return f"data: {self[:10]}{recalls}{reminder}{extra}"

    __str__ = __repr__
