"""SearchAggregation: buckets that the hits of a search are sorted into."""

from __future__ import annotations

from typing import Any

from aiomilvus.errors import ParamError

_METRICS = ("avg", "count", "max", "min", "sum")
_DIRECTIONS = ("asc", "desc")
_BUCKET_KEYS = ("_count", "_key")


class TopHits:
    """Which hits of a bucket to return.

    Args:
        size: How many.
        sort: One-key dicts from field (or ``_score``) to ``asc`` or ``desc``.

    Raises:
        ParamError: `size` is not positive, or `sort` malformed.

    Example:
        >>> from aiomilvus import SearchAggregation, TopHits
        >>> TopHits(2, sort=[{"year": "desc"}]).to_dict()
        {'size': 2, 'sort': [{'year': 'desc'}]}
    """

    def __init__(self, size: int, sort: list[dict[str, str]] | None = None) -> None:
        self.size: int = _positive(size, "TopHits.size")
        self.sort: list[dict[str, str]] = [
            _direction(item, "TopHits.sort") for item in _list(sort, "TopHits.sort")
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data.

        Example:
            >>> from aiomilvus import SearchAggregation, TopHits
            >>> TopHits(2).to_dict()
            {'size': 2, 'sort': []}
        """
        return {"size": self.size, "sort": self.sort}


class SearchAggregation:
    """One level of buckets.

    Args:
        fields: Fields whose values make a bucket.
        size: Most buckets.
        metrics: Alias to a one-key dict from avg, count, max, min or sum to a field.
        order: One-key dicts from an alias, ``_count`` or ``_key`` to ``asc`` or ``desc``.
        top_hits: Which hits of each bucket to return.
        sub_aggregation: Buckets within each bucket.

    Raises:
        ParamError: A part is malformed.

    Example:
        >>> from aiomilvus import SearchAggregation, TopHits
        >>> await client.add_collection_field("blurbs", "topic", DataType.INT64, nullable=True)
        >>> rows = [{"id": n, "blurb": "", "vector": [n, 1], "topic": n % 2} for n in range(2, 6)]
        >>> _ = await client.insert("blurbs", rows)
        >>> by_topic = SearchAggregation(["topic"], 2, top_hits=TopHits(1))
        >>> found = await client.search(
        ...     "blurbs",
        ...     [[2, 1]],
        ...     filter="topic >= 0",
        ...     anns_field="vector",
        ...     search_aggregation=by_topic,
        ... )
        >>> [(bucket.key[0]["value"], bucket.hits[0].pk) for bucket in found.agg_buckets[0]]
        [(0, 2), (1, 3)]
    """

    def __init__(
        self,
        fields: list[str],
        size: int,
        metrics: dict[str, dict[str, str]] | None = None,
        order: list[dict[str, str]] | None = None,
        top_hits: TopHits | None = None,
        sub_aggregation: SearchAggregation | None = None,
    ) -> None:
        if not _list(fields, "SearchAggregation.fields"):
            raise ParamError(message="SearchAggregation.fields must be a non-empty list of str")
        for field in fields:
            if not _is_plain_name(field):
                raise ParamError(
                    message="SearchAggregation.fields must contain non-empty str without JSON "
                    f"paths, got {field!r}"
                )
        _expect(top_hits, TopHits, "top_hits")
        _expect(sub_aggregation, SearchAggregation, "sub_aggregation")
        self.fields: list[str] = list(fields)
        self.size: int = _positive(size, "SearchAggregation.size")
        self.metrics: dict[str, dict[str, str]] = {
            alias: _metric(alias, spec) for alias, spec in (metrics or {}).items()
        }
        self.order: list[dict[str, str]] = [
            self._order(item) for item in _list(order, "SearchAggregation.order")
        ]
        self.top_hits = top_hits
        self.sub_aggregation = sub_aggregation

    def _order(self, item: dict[str, str]) -> dict[str, str]:
        checked = _direction(item, "SearchAggregation.order")
        key = next(iter(checked))
        if key not in self.metrics and key not in _BUCKET_KEYS:
            raise ParamError(
                message=f"SearchAggregation.order key {key!r} must be a metric alias or one of "
                f"{list(_BUCKET_KEYS)}; defined metrics: {sorted(self.metrics)}"
            )
        return checked

    def to_dict(self) -> dict[str, Any]:
        """Return it, and what it holds, as plain data.

        Example:
            >>> from aiomilvus import SearchAggregation, TopHits
            >>> SearchAggregation(["topic"], 2).to_dict()
            {'fields': ['topic'], 'size': 2, 'metrics': {}, 'order': []}
        """
        plain: dict[str, Any] = {
            "fields": self.fields,
            "size": self.size,
            "metrics": self.metrics,
            "order": self.order,
        }
        if self.top_hits is not None:
            plain["top_hits"] = self.top_hits.to_dict()
        if self.sub_aggregation is not None:
            plain["sub_aggregation"] = self.sub_aggregation.to_dict()
        return plain


def _expect(value: Any, kind: type[Any], name: str) -> None:
    if value is not None and not isinstance(value, kind):
        raise ParamError(
            message=f"SearchAggregation.{name} must be a {kind.__name__} instance, got "
            f"{type(value).__name__}"
        )


def _is_plain_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and "[" not in value


def _positive(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ParamError(message=f"{name} must be a positive int, got {value!r}")
    return value


def _list(value: Any, name: str) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise ParamError(message=f"{name} must be a list, got {type(value).__name__}")
    return value or []


def _pair(item: Any, name: str) -> tuple[str, str]:
    if not isinstance(item, dict) or len(item) != 1:
        raise ParamError(
            message=f"{name} entries must be single-key dicts like {{'alias': 'asc'}}, got {item!r}"
        )
    key, value = next(iter(item.items()))
    if not isinstance(key, str) or not isinstance(value, str):
        raise ParamError(message=f"{name} entries must map str to str, got {item!r}")
    return key, value


def _direction(item: Any, name: str) -> dict[str, str]:
    key, direction = _pair(item, name)
    if direction not in _DIRECTIONS:
        raise ParamError(message=f"{name} direction must be 'asc' or 'desc', got {direction!r}")
    return {key: direction}


def _metric(alias: Any, spec: Any) -> dict[str, str]:
    name = f"metrics[{alias!r}]"
    metric, field = _pair(spec, name)
    if metric not in _METRICS:
        raise ParamError(message=f"{name} op must be one of {list(_METRICS)}, got {metric!r}")
    if not field or (field == "*" and metric != "count"):
        raise ParamError(message=f"{name} needs a field, and '*' only fits 'count', got {field!r}")
    return {metric: field}
