"""How a search or query was run: the answer of `explain`, as data and as text."""

from __future__ import annotations

from typing import Any

import msgspec

from aiomilvus.model.html import bar, tree


class SegmentPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What was done in one segment.

    Attributes:
        segment: Number of the segment.
        kind: "sealed" or "growing".
        rows: Rows in it, deleted ones too.
        passing_rows: Rows that are there and pass the filter.
        estimated_selectivity: Share of `rows` that passes, as the scalar indexes estimate it
            without evaluating the filter; None where they can't tell.
        actual_selectivity: ``passing_rows / rows``.
        filtered_by: "" without a filter, else "scan", "index" (scalar indexes alone) or
            "index and scan".
        scalar_indexes: Names of the scalar indexes that answered.
        strategy: What was searched. "index": the whole index, or lists and graph as its
            parameters say; "masked index": the same, hits limited to the rows that pass;
            "masked codes": the codes of all rows that pass; "exact": all rows; "exact over
            candidates": all rows that pass. Of a query "keys" (looked up), "count in index",
            "filter" or "all rows".
        index: What really served the vectors ("faiss HNSW float32"…); "" for a query.
        compares: What is compared with a query vector there: "vectors", "4-bit codes, then
            vectors", "postings", "bits"…; "" for a query.
        ef: How much of the index is searched, in its own unit (``ef``, ``search_list``,
            ``nprobe``), also where the search did not say; 0 where that has no meaning.
        estimated_search_microseconds: What the engine expected of searching the vectors here.
        filter_microseconds: Time that evaluating the filter took here.
        search_microseconds: Time that searching the vectors took here; 0 for a query.
    """

    segment: int
    kind: str
    rows: int
    passing_rows: int
    estimated_selectivity: float | None
    actual_selectivity: float
    filtered_by: str
    scalar_indexes: tuple[str, ...]
    strategy: str
    index: str
    filter_microseconds: float
    search_microseconds: float
    compares: str = ""
    ef: int = 0
    estimated_search_microseconds: float = 0.0


class RequestPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One search or query: hybrid search has several.

    Attributes:
        field: The vector field; "" for a query.
        index_name: Name of the index on it.
        index_type: Its type, as it was created.
        metric: Its metric.
        filter: The filter as written.
        segments: What was done where, oldest segment first.
    """

    field: str
    index_name: str
    index_type: str
    metric: str
    filter: str
    segments: tuple[SegmentPlan, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """How an operation was run. ``str()`` of it is meant for reading.

    Attributes:
        operation: "search", "query" or "hybrid_search".
        collection: Name of the collection.
        snapshot: Number of the state of the collection that was read.
        requests: The parts of the operation; one, except for a hybrid search.
        estimated_microseconds: What the engine expected, on which it decides where to run; 100,000
            and more for what may call a model, and for external files.
        actual_microseconds: What the whole operation took, once; the second time if it had to
            open files or load a library.
        process: Which of the processes that share the directory ran it, and whether it leads or
            whom it follows; "" in memory.
        reranking: What is done to the hits, step by step; "" for nothing.

    Example:
        >>> plan = await client.explain("books", data=[[0.1, 0.9]], limit=1)
        >>> plan.operation, plan.segments[0].rows
        ('search', 3)
    """

    operation: str
    collection: str
    snapshot: int
    requests: tuple[RequestPlan, ...]
    estimated_microseconds: float
    actual_microseconds: float
    process: str = ""
    reranking: str = ""

    @property
    def segments(self) -> tuple[SegmentPlan, ...]:
        """The segments of all requests, one request after the other."""
        return tuple(segment for request in self.requests for segment in request.segments)

    def to_dict(self) -> dict[str, Any]:
        """Return the same as dicts, lists, strings and numbers.

        Example:
            >>> plan = await client.explain("books", data=[[0.1, 0.9]], limit=1)
            >>> plan.to_dict()["operation"]
            'search'
        """
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain

    @property
    def _where(self) -> str:
        where = f"{self.operation} on {self.collection}, snapshot {self.snapshot}"
        return f"{where}, in {self.process}" if self.process else where

    def __str__(self) -> str:
        took, expected = self.actual_microseconds, self.estimated_microseconds
        where = self._where
        lines = [f"{where}: {took:,.0f} µs (estimated {expected:,.0f})"]
        for request in self.requests:
            lines.extend(_request_lines(request))
        if self.reranking:
            lines.append(f"  reranked by {self.reranking}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return it as a tree with a bar for each segment's share of the time, for notebooks."""
        where = self._where
        took = f"{self.actual_microseconds:,.0f} µs (estimated {self.estimated_microseconds:,.0f})"
        total = sum(map(_microseconds, self.segments)) or 1.0
        requests = []
        for request in self.requests:
            named = f"field {request.field}, {request.index_type} {request.metric}"
            text = named if request.field else "rows"
            if request.filter:
                text += f", filter {request.filter}"
            segments = [
                bar(_microseconds(each) / total, "; ".join(map(str.strip, _segment_lines(each))))
                for each in request.segments
            ]
            requests.append(tree(text, segments))
        return tree(f"{where}: {took}", requests)


def _microseconds(segment: SegmentPlan) -> float:
    return segment.filter_microseconds + segment.search_microseconds


def _request_lines(request: RequestPlan) -> list[str]:
    lines = []
    if request.field:
        about = f"{request.index_type} {request.index_name}, {request.metric}"
        lines.append(f"  field {request.field} ({about})")
    if request.filter:
        lines.append(f"  filter {request.filter}")
    for segment in request.segments:
        lines.extend(_segment_lines(segment))
    return lines


def _segment_lines(segment: SegmentPlan) -> list[str]:
    lines = [f"  segment {segment.segment}, {segment.kind}, {segment.rows:,} rows"]
    if segment.filtered_by:
        estimate = segment.estimated_selectivity
        expected = "no estimate" if estimate is None else f"estimated {estimate:.2%}"
        by = segment.filtered_by
        if segment.scalar_indexes:
            by += f" ({', '.join(segment.scalar_indexes)})"
        lines.append(
            f"    filter by {by}: {segment.passing_rows:,} rows pass, "
            f"{segment.actual_selectivity:.2%} ({expected}), {segment.filter_microseconds:,.0f} µs"
        )
    lines.append(f"    {segment.strategy}{_served(segment)}")
    return lines


def _served(segment: SegmentPlan) -> str:
    if not segment.index:
        return ""
    took, expected = segment.search_microseconds, segment.estimated_search_microseconds
    effort = f" at {segment.ef}" if segment.ef else ""
    compared = f" comparing {segment.compares}" if segment.compares else ""
    return f" by {segment.index}{effort}{compared}, {took:,.0f} µs (estimated {expected:,.0f})"
