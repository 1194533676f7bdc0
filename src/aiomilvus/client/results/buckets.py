"""Buckets of a search aggregation, as an application reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiomilvus.model.results import Bucket, BucketHit


class AggregationHit:
    """One hit of a bucket: its primary key, score and output fields.

    Args:
        hit: What the engine, or a server, answered.

    Example:
        >>> from aiomilvus import SearchAggregation, TopHits
        >>> by_id = SearchAggregation(["id"], 1, top_hits=TopHits(1))
        >>> found = await client.search(
        ...     "blurbs",
        ...     [[0, 1]],
        ...     anns_field="vector",
        ...     search_aggregation=by_id,
        ...     output_fields=["blurb"],
        ... )
        >>> bucket = found.agg_buckets[0][0]
        >>> bucket.hits[0].pk, bucket.hits[0].fields
        (1, {'blurb': 'How tides work.'})
    """

    def __init__(self, hit: BucketHit) -> None:
        self._hit = hit

    @property
    def pk(self) -> int | str | None:
        """The primary key."""
        return self._hit.key

    @property
    def score(self) -> float:
        """The distance or similarity, by the index' metric."""
        return self._hit.score

    @property
    def fields(self) -> dict[str, Any]:
        """The output fields that are not null."""
        return dict(self._hit.fields)

    def field_ids(self) -> dict[str, int]:
        """Return the field numbers by name.

        Example:
            >>> from aiomilvus import SearchAggregation, TopHits
            >>> by_id = SearchAggregation(["id"], 1, top_hits=TopHits(1))
            >>> found = await client.search(
            ...     "blurbs",
            ...     [[0, 1]],
            ...     anns_field="vector",
            ...     search_aggregation=by_id,
            ...     output_fields=["blurb"],
            ... )
            >>> bucket = found.agg_buckets[0][0]
            >>> bucket.hits[0].field_ids()
            {'blurb': 101}
        """
        return dict(self._hit.field_ids)

    def __repr__(self) -> str:
        return f"AggregationHit(pk={self.pk!r}, score={self.score}, fields={self.fields!r})"


class AggregationBucket:
    """One bucket: what its hits have in common, how many they are, and the best of them.

    Args:
        bucket: What the engine, or a server, answered.

    Example:
        >>> from aiomilvus import SearchAggregation, TopHits
        >>> by_id = SearchAggregation(["id"], 1, top_hits=TopHits(1))
        >>> found = await client.search(
        ...     "blurbs",
        ...     [[0, 1]],
        ...     anns_field="vector",
        ...     search_aggregation=by_id,
        ...     output_fields=["blurb"],
        ... )
        >>> bucket = found.agg_buckets[0][0]
        >>> bucket.key[0]["value"], bucket.count
        (1, 1)
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._hits = [AggregationHit(hit) for hit in bucket.hits]
        self._sub_groups = [AggregationBucket(each) for each in bucket.buckets]

    @property
    def key(self) -> list[dict[str, Any]]:
        """``field_name``, ``field_id`` and ``value`` of each field of the level."""
        return [
            {"field_name": name, "field_id": number, "value": value}
            for name, number, value in self._bucket.key
        ]

    @property
    def count(self) -> int:
        """How many of the hits that were found are in it."""
        return self._bucket.count

    @property
    def metrics(self) -> dict[str, Any]:
        """Metrics by alias; None where there was nothing to compute from."""
        return dict(self._bucket.metrics)

    @property
    def hits(self) -> list[AggregationHit]:
        """The best hits; empty unless `TopHits` were asked for."""
        return list(self._hits)

    @property
    def sub_groups(self) -> list[AggregationBucket]:
        """Buckets of the next level."""
        return list(self._sub_groups)

    def __repr__(self) -> str:
        return (
            f"AggregationBucket(key={self.key!r}, count={self.count}, metrics={self.metrics!r}, "
            f"hits={len(self._hits)}, sub_groups={len(self._sub_groups)})"
        )
