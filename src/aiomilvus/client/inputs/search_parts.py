"""What a search is put together from: requests of a hybrid search, rankers, field operations."""

from __future__ import annotations

from typing import Any

from aiomilvus.client.inputs.schema import messages
from aiomilvus.errors import DataTypeNotMatchException, ParamError
from aiomilvus.expr.templates import Filter, filter_parts


class AnnSearchRequest:
    """One part of a hybrid search.

    Args:
        data: Query vectors, or texts for fields that a function fills.
        anns_field: The vector field.
        param: Search parameters (``metric_type``, ``params``).
        limit: Hits this part contributes.
        expr, filter: A filter expression; give one of the two.
        expr_params: Values for the filter's placeholders.

    Raises:
        ParamError: Both `expr` and `filter` are given.
        DataTypeNotMatchException: The filter is no text and no `Filter`.

    Example:
        >>> like = AnnSearchRequest([[0.1, 0.9]], "vector", {}, limit=2, filter="year > 1950")
        >>> hits = await client.hybrid_search("books", [like], RRFRanker(), limit=1)
        >>> hits[0].ids
        [3]
    """

    def __init__(
        self,
        data: Any,
        anns_field: str,
        param: dict[str, Any],
        limit: int,
        expr: str | Filter | None = None,
        expr_params: dict[str, Any] | None = None,
        filter: str | Filter | None = None,
    ) -> None:
        if expr is not None and filter is not None:
            raise ParamError(message="Provide either 'expr' or 'filter', not both.")
        resolved = expr if filter is None else filter
        if isinstance(resolved, Filter):
            resolved, expr_params = filter_parts(resolved, expr_params)
        if resolved is not None and not isinstance(resolved, str):
            raise DataTypeNotMatchException(message=messages.EXPRESSION_TYPE.format(type(resolved)))
        self.data = data
        self.anns_field = anns_field
        self.param = param
        self.limit = limit
        self.expr = resolved
        self.expr_params = expr_params

    @property
    def filter(self) -> str | None:
        """The filter expression."""
        return self.expr

    def __str__(self) -> str:
        shown = ("anns_field", "param", "limit", "expr")
        return str({name: getattr(self, name) for name in shown})


class BaseRanker:
    """What merges the parts of a hybrid search."""

    def dict(self) -> dict[str, Any]:
        """Return the ranker as plain data: ``strategy`` and ``params``."""
        raise NotImplementedError

    def __str__(self) -> str:
        return str(self.dict())


class RRFRanker(BaseRanker):
    """Merge by reciprocal rank: the sum of 1 / (k + rank) over the parts.

    Args:
        k: Damps the weight of the first ranks, in (0, 16384).

    Example:
        >>> parts = [AnnSearchRequest([v], "vector", {}, limit=3) for v in ([0.1, 0.9], [0.7, 0.6])]
        >>> hits = await client.hybrid_search("books", parts, RRFRanker(10), limit=1)
        >>> hits[0].ids
        [3]
    """

    def __init__(self, k: int = 60) -> None:
        self.k = k

    def dict(self) -> dict[str, Any]:
        """Return the ranker as plain data.

        Example:
            >>> RRFRanker(10).dict()
            {'strategy': 'rrf', 'params': {'k': 10}}
        """
        return {"strategy": "rrf", "params": {"k": self.k}}


class WeightedRanker(BaseRanker):
    """Merge by the weighted sum of the parts' scores.

    Args:
        *nums: One weight per part, 0 to 1.
        norm_score: Whether scores are brought to 0 … 1 first.

    Raises:
        TypeError: A weight is no number.

    Example:
        >>> from aiomilvus import WeightedRanker
        >>> parts = [AnnSearchRequest([v], "vector", {}, limit=3) for v in ([0.1, 0.9], [0.7, 0.6])]
        >>> hits = await client.hybrid_search("books", parts, WeightedRanker(0.9, 0.1), limit=1)
        >>> hits[0].ids
        [1]
    """

    def __init__(self, *nums: float, norm_score: bool = True) -> None:
        for number in nums:
            if isinstance(number, bool) or not isinstance(number, (int, float)):
                raise TypeError(f"Weight must be a number, got {type(number)}")
        self.weights: list[float] = list(nums)
        self.norm_score = norm_score

    def dict(self) -> dict[str, Any]:
        """Return the ranker as plain data.

        Example:
            >>> from aiomilvus import WeightedRanker
            >>> WeightedRanker(0.9, 0.1).dict()
            {'strategy': 'weighted', 'params': {'weights': [0.9, 0.1], 'norm_score': True}}
        """
        params = {"weights": self.weights, "norm_score": self.norm_score}
        return {"strategy": "weighted", "params": params}


class FieldOp:
    """How a partial upsert combines a field with what is stored: one of the three below.

    Args:
        name: ``replace``, ``array_append`` or ``array_remove``.

    Example:
        >>> from aiomilvus import FieldOp
        >>> await client.add_collection_field(
        ...     "blurbs",
        ...     "tags",
        ...     DataType.ARRAY,
        ...     element_type=DataType.INT64,
        ...     max_capacity=9,
        ...     nullable=True,
        ... )
        >>> for tags in ([1], [2, 3]):
        ...     _ = await client.upsert(
        ...         "blurbs",
        ...         {"id": 1, "tags": tags},
        ...         partial_update=True,
        ...         field_ops={"tags": FieldOp.array_append()},
        ...     )
        >>> (await client.get("blurbs", [1], output_fields=["tags"]))[0]["tags"]
        [1, 2, 3]
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldOp) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"FieldOp({self.name!r})"

    @staticmethod
    def replace() -> FieldOp:
        """Put the new value in place of the old one.

        Example:
            >>> from aiomilvus import FieldOp
            >>> FieldOp.replace()
            FieldOp('replace')
        """
        return FieldOp("replace")

    @staticmethod
    def array_append() -> FieldOp:
        """Append the given elements to the stored array.

        Example:
            >>> from aiomilvus import FieldOp
            >>> FieldOp.array_append()
            FieldOp('array_append')
        """
        return FieldOp("array_append")

    @staticmethod
    def array_remove() -> FieldOp:
        """Remove every element that equals a given one.

        Example:
            >>> from aiomilvus import FieldOp
            >>> FieldOp.array_remove()
            FieldOp('array_remove')
        """
        return FieldOp("array_remove")
