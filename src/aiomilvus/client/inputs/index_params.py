"""IndexParams: which indexes to make, as `prepare_index_params` begins them."""

from __future__ import annotations

from typing import Any, ClassVar

from aiomilvus.errors import ParamError
from aiomilvus.model.rows.errors import shorten


class IndexParam:
    """One index to make.

    Args:
        field_name: The field.
        index_type: Milvus' name of the type; "" lets Milvus choose.
        index_name: "" means the field's name.
        **kwargs: ``metric_type``, the type's own parameters, or ``params`` with a dict of
            them.

    Raises:
        ParamError: `params` is no dict.

    Example:
        >>> from aiomilvus import IndexParam
        >>> IndexParam("v", "HNSW", "", metric_type="L2", params={"M": 16})
        {'field_name': 'v', 'index_type': 'HNSW', 'index_name': '', 'M': 16, 'metric_type': 'L2'}
    """

    def __init__(self, field_name: str, index_type: str, index_name: str, **kwargs: Any) -> None:
        given = kwargs.pop("params", None)
        params = {} if given is None or (isinstance(given, (str, list)) and not given) else given
        if not isinstance(params, dict):
            raise ParamError(
                message=f"params must be a dict or None, got {type(params).__name__}: "
                f"{shorten(params)}"
            )
        self.field_name = field_name
        self.index_type = index_type
        self.index_name = index_name
        self._configs = {**params, **kwargs}

    def get_index_configs(self) -> dict[str, Any]:
        """Return the parameters, with ``index_type`` unless it is "".

        Example:
            >>> from aiomilvus import IndexParam
            >>> IndexParam("vector", "FLAT", "", metric_type="L2").get_index_configs()
            {'metric_type': 'L2', 'index_type': 'FLAT'}
        """
        if not self.index_type:
            return dict(self._configs)
        return {**self._configs, "index_type": self.index_type}

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data.

        Example:
            >>> from aiomilvus import IndexParam
            >>> IndexParam("year", "STL_SORT", "").to_dict()
            {'field_name': 'year', 'index_type': 'STL_SORT', 'index_name': ''}
        """
        return {
            "field_name": self.field_name,
            "index_type": self.index_type,
            "index_name": self.index_name,
            **self._configs,
        }

    def __eq__(self, other: object) -> bool:
        if isinstance(other, IndexParam):
            return self.to_dict() == other.to_dict()
        return isinstance(other, dict) and self.to_dict() == other

    __hash__: ClassVar[None] = None  # type: ignore[assignment] # compared by content

    def __repr__(self) -> str:
        return str(self.to_dict())


class IndexParams(list[IndexParam]):
    """A list of indexes to make.

    Example:
        >>> from aiomilvus import IndexParams
        >>> indexes = IndexParams()
        >>> indexes.add_index("id", index_type="STL_SORT")
        >>> await client.create_index("blurbs", indexes)
    """

    def add_index(
        self, field_name: str, index_type: str = "", index_name: str = "", **kwargs: Any
    ) -> None:
        """Add an index; arguments as for `IndexParam`.

        Args:
            field_name: The field.
            index_type: Milvus' name of the type; "" lets Milvus choose.
            index_name: "" means the field's name.
            **kwargs: ``metric_type``, the type's own parameters, or ``params`` with a dict of them.

        Raises:
            ParamError: `params` is no dict.

        Example:
            >>> indexes = client.prepare_index_params()
            >>> indexes.add_index("vector", index_type="HNSW", metric_type="L2", params={"M": 16})
            >>> len(indexes)
            1
        """
        self.append(IndexParam(field_name, index_type, index_name, **kwargs))
