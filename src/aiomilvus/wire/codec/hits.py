"""SearchResults ↔ the hits of a search, and the buckets of an aggregation."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aiomilvus.errors import MilvusException
from aiomilvus.model.results import IteratorPage, SearchResult
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from aiomilvus.wire import arrays
from aiomilvus.wire.codec import batches, status
from aiomilvus.wire.codec.buckets import read_buckets, write_buckets
from aiomilvus.wire.codec.ids import read_keys, write_keys
from aiomilvus.wire.proto import messages
from aiomilvus.wire.splice import Piece, enclose, join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.schema import Schema

_MOST_QUERIES = 1 << 20
"""Beyond what any Milvus allows (16,384); keeps sizes sane."""

_RESULTS = 2  # field number in SearchResults
_FIELDS, _GROUP_BY, _GROUPS_BY = 3, 8, 17  # field numbers in SearchResultData


def write_hits(result: SearchResult, collection: str = "", zone: str = "UTC") -> bytes:
    """Return a serialized SearchResults.

    Args:
        result: What the engine found.
        collection: Name of the collection that was searched.
        zone: Time zone to write moments in.
    """
    head = messages.SearchResults(
        status=status.success(result.cost),
        collection_name=collection,
        session_ts=result.timestamp,
    )
    content: list[Piece] = [_head(result).SerializeToString()]
    if result.batch is not None:
        content += batches.write_batch(result.schema, result.batch, _FIELDS, reply=True, zone=zone)
    groups = result.group_by
    if groups is not None:
        number = _GROUP_BY if len(groups.columns) == 1 else _GROUPS_BY
        schema = _with_paths(result.schema, groups)
        content += batches.write_batch(schema, groups, number, reply=True, zone=zone)
    return join([head.SerializeToString(), *enclose(_RESULTS, content)])


def _with_paths(schema: Schema, groups: ColumnBatch) -> Schema:
    """Return the schema with JSON fields for what is named by a path, such as ``meta["x"]``."""
    paths = [name for name in groups.columns if name not in schema.by_name]
    if not paths:
        return schema
    made = (Field(name=name, dtype=DataType.JSON, nullable=True) for name in paths)
    return msgspec.structs.replace(schema, fields=(*schema.fields, *made))


def _head(result: SearchResult) -> messages.SearchResultData:
    """Return all but the columns."""
    counts = [stop - start for start, stop in pairwise(result.offsets.tolist())]
    message = messages.SearchResultData(
        num_queries=len(counts),
        top_k=max(counts, default=0),
        primary_field_name=result.primary_name,
        all_search_count=result.all_search_count,
    )
    message.topks.extend(counts)
    message.scores.extend(arrays.packed_floats(result.scores))
    if result.recalls:
        message.recalls.extend(arrays.packed_floats(np.array(result.recalls, np.float32)))
    message.output_fields.extend(result.output_fields)
    write_keys(message.ids, result.ids)
    if result.element_indices is not None:
        arrays.write_integers(message.element_indices, result.element_indices)
    if result.highlights is not None:
        _write_highlights(message, result.highlights)
    if result.buckets is not None:
        write_buckets(message, result.buckets)
    page = result.iterator
    if page is not None:
        message.search_iterator_v2_results.token = page.token
        message.search_iterator_v2_results.last_bound = page.last_bound
    return message


def _write_highlights(
    message: messages.SearchResultData, highlights: Sequence[dict[str, Any]]
) -> None:
    """Write what each hit has, field by field: ``{"fragments": [...], "scores": [...]}``."""
    for name in dict.fromkeys(name for hit in highlights for name in hit):
        added = message.highlight_results.add(field_name=name)
        for hit in highlights:
            marked = hit.get(name, {})
            added.datas.add(fragments=marked.get("fragments", ()), scores=marked.get("scores", ()))


def read_hits(message: messages.SearchResults, schema: Schema) -> SearchResult:
    """Return the hits that a reply holds. The caller has checked its status.

    Args:
        message: The reply.
        schema: The collection's, as far as it is known; columns it does not name describe
            themselves.

    Raises:
        MilvusException: The numbers of hits, keys, scores and rows do not agree.
    """
    found = message.results
    scores = arrays.read_float_field(found, "scores")
    offsets = _read_offsets(found, len(scores))
    hits = int(offsets[-1])
    primary = next((field for field in schema.fields if field.is_primary), None)
    ids = read_keys(found.ids, as_text=primary is not None and primary.dtype.is_string)
    _agree(hits, len(ids), "keys")
    _agree(hits, len(scores), "scores")
    schema, batch = _read_columns(schema, found.fields_data, hits)
    grouped = [*found.group_by_field_values]
    if not grouped and found.HasField("group_by_field_value"):
        grouped = [found.group_by_field_value]
    schema, groups = _read_columns(schema, grouped, hits)
    return SearchResult(
        offsets=offsets,
        ids=ids,
        scores=scores,
        schema=schema,
        primary_name=found.primary_field_name or (primary.name if primary else "id"),
        output_fields=tuple(found.output_fields),
        batch=batch,
        group_by=groups,
        element_indices=(
            arrays.read_int64(found.element_indices) if found.element_indices.data else None
        ),
        recalls=tuple(arrays.read_float_field(found, "recalls").tolist()),
        highlights=_read_highlights(found, hits),
        buckets=read_buckets(found),
        iterator=_read_page(found),
        snapshot=message.session_ts,
        timestamp=message.session_ts,
        cost=status.read_cost(message.status),
        all_search_count=found.all_search_count,
    )


def _read_offsets(found: messages.SearchResultData, most: int) -> NDArray[np.int64]:
    """Return where each query's hits start, given how many there can be at `most`."""
    counts = list(found.topks)
    if not counts:  # some servers do not count nothing
        if not 0 <= found.num_queries <= _MOST_QUERIES:
            raise MilvusException(message=f"malformed search results: {found.num_queries} queries")
        counts = [0] * found.num_queries
    if counts and (min(counts) < 0 or max(counts) > most):
        raise MilvusException(message=f"malformed search results: {counts} hits, but {most} scores")
    return np.array([*accumulate(counts, initial=0)], np.int64)


def _agree(hits: int, found: int, what: str) -> None:
    if found != hits:
        raise MilvusException(message=f"malformed search results: {found} {what} for {hits} hits")


def _read_columns(
    schema: Schema, columns: Sequence[messages.FieldData], hits: int
) -> tuple[Schema, ColumnBatch | None]:
    if not columns:
        return schema, None
    if hits == 0:
        # Without rows, some servers leave out what tells the type of a column.
        columns = [column for column in columns if column.type != DataType.NONE]
    found, batch = batches.read_reply_batch(schema, columns)
    if batch.columns:
        _agree(hits, len(batch), "rows")
    return found, batch


def _read_highlights(
    found: messages.SearchResultData, hits: int
) -> tuple[dict[str, Any], ...] | None:
    if not found.highlight_results:
        return None
    highlights: tuple[dict[str, Any], ...] = tuple({} for _ in range(hits))
    for result in found.highlight_results:
        _agree(hits, len(result.datas), "highlights")
        for hit, data in zip(highlights, result.datas, strict=True):
            hit[result.field_name] = {
                "fragments": list(data.fragments),
                "scores": list(data.scores),
            }
    return highlights


def _read_page(found: messages.SearchResultData) -> IteratorPage | None:
    if not found.HasField("search_iterator_v2_results"):
        return None
    page = found.search_iterator_v2_results
    return IteratorPage(token=page.token, last_bound=page.last_bound)
