"""Search aggregation: what is asked for ↔ plain data, and the buckets ↔ the model's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.results import Bucket, BucketHit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aiomilvus.wire.proto import messages as pb

_DEEPEST = 16


def write_aggregation(message: pb.SearchAggregationSpec, given: Mapping[str, Any]) -> None:
    """Put an aggregation into an empty message."""
    message.fields.extend(given["fields"])
    message.size = given["size"]
    for alias, metric in given["metrics"].items():
        what, name = next(iter(metric.items()))
        message.metrics[alias].op = what
        message.metrics[alias].field_name = name
    for each in given["order"]:
        key, direction = next(iter(each.items()))
        message.order.add(key=key, direction=direction)
    top = given.get("top_hits")
    if top:
        message.top_hits.size = top["size"]
        for each in top["sort"]:
            name, direction = next(iter(each.items()))
            message.top_hits.sort.add(field_name=name, direction=direction)
    if given.get("sub_aggregation"):
        write_aggregation(message.sub_aggregation, given["sub_aggregation"])


def read_aggregation(message: pb.SearchAggregationSpec, depth: int = 0) -> dict[str, Any]:
    """Return what an aggregation asks for.

    Raises:
        ParamError: Levels within levels go too deep, or an option is set that is not served.
    """
    if depth > _DEEPEST:
        raise ParamError(message="search_aggregation nesting exceeds max 4 levels")
    nulls = any(each.null_first for each in message.order)
    nulls = nulls or any(each.null_first for each in message.top_hits.sort)
    if message.search_size or nulls:
        what = "null_first" if nulls else "search_size"
        raise ParamError(message=f"{what} is not supported in search_aggregation")
    given: dict[str, Any] = {
        "fields": list(message.fields),
        "size": message.size,
        "metrics": {
            alias: {message.metrics[alias].op: message.metrics[alias].field_name}
            for alias in message.metrics
        },
        "order": [{each.key: each.direction} for each in message.order],
    }
    if message.HasField("top_hits"):
        sort = [{each.field_name: each.direction} for each in message.top_hits.sort]
        given["top_hits"] = {"size": message.top_hits.size, "sort": sort}
    if message.HasField("sub_aggregation"):
        given["sub_aggregation"] = read_aggregation(message.sub_aggregation, depth + 1)
    return given


def write_buckets(message: pb.SearchResultData, buckets: Sequence[Sequence[Bucket]]) -> None:
    """Put the buckets of all queries into a reply."""
    for mine in buckets:
        message.agg_topks.append(len(mine))
        for bucket in mine:
            _write_bucket(message.agg_buckets.add(), bucket)


def _write_bucket(message: pb.AggBucket, bucket: Bucket) -> None:
    message.count = bucket.count
    for name, number, value in bucket.key:
        entry = message.key.add(field_name=name, field_id=number)
        if value is not None:
            setattr(entry, _slot(value), value)
    for alias, value in bucket.metrics.items():
        metric = message.metrics[alias]  # an empty one says that there was no value
        if value is not None:
            setattr(metric, "double_val" if isinstance(value, float) else _slot(value), value)
    for hit in bucket.hits:
        _write_hit(message.hits.add(score=hit.score), hit)
    for each in bucket.buckets:
        _write_bucket(message.sub_groups.add(), each)


def _write_hit(message: pb.AggHit, hit: BucketHit) -> None:
    if isinstance(hit.key, str):
        message.str_pk = hit.key
    else:
        message.int_pk = hit.key
    for name, value in hit.fields.items():
        field = message.fields.add(field_name=name, field_id=hit.field_ids[name])
        setattr(field, "double_val" if isinstance(value, float) else _slot(value), value)


def _slot(value: Any) -> str:
    if isinstance(value, bool):
        return "bool_val"
    if isinstance(value, bytes):
        return "bytes_val"
    return "string_val" if isinstance(value, str) else "int_val"


def read_buckets(message: pb.SearchResultData) -> tuple[tuple[Bucket, ...], ...] | None:
    """Return the buckets of each query, None when the reply has none.

    Raises:
        MilvusException: The numbers of buckets do not agree.
    """
    if not message.agg_buckets and not message.agg_topks:
        return None
    buckets = _read_all(message.agg_buckets, 0)
    counts = list(message.agg_topks) or [len(buckets)]
    if sum(counts) != len(buckets) or min(counts) < 0:
        raise MilvusException(
            message=f"malformed search results: {len(buckets)} buckets, counted {counts}"
        )
    found, at = [], 0
    for count in counts:
        found.append(buckets[at : at + count])
        at += count
    return tuple(found)


def _read_all(messages: Iterable[pb.AggBucket], depth: int) -> tuple[Bucket, ...]:
    if depth > _DEEPEST:
        raise MilvusException(message="malformed search results: buckets nested too deep")
    return tuple(
        Bucket(
            key=tuple((e.field_name or str(e.field_id), e.field_id, _value(e)) for e in each.key),
            count=each.count,
            metrics={alias: _value(each.metrics[alias]) for alias in each.metrics},
            hits=tuple(_read_hit(hit) for hit in each.hits),
            buckets=_read_all(each.sub_groups, depth + 1),
        )
        for each in messages
    )


def _read_hit(message: pb.AggHit) -> BucketHit:
    named = [(each.field_name or str(each.field_id), each) for each in message.fields]
    present = [(name, each) for name, each in named if each.WhichOneof("value")]
    return BucketHit(
        key=message.str_pk if message.WhichOneof("pk") == "str_pk" else message.int_pk,
        score=message.score,
        fields={name: _value(each) for name, each in present},
        field_ids={name: each.field_id for name, each in present},
    )


def _value(message: Any) -> Any:
    which = message.WhichOneof("value")
    return getattr(message, which) if which else None
