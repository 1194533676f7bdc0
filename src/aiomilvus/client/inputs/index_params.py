"""IndexParams: which indexes to make, as `prepare_index_params` begins them."""

from __future__ import annotations

from typing import Any, ClassVar

from aiomilvus.errors import ParamError


class IndexParam:
    """One index to make.

    Args:
        field_name: The field.
        index_type: Milvus' name of the type; "" lets Milvus choose.
        index_name: "" means the field's name.
        **kwargs: ``metric_type``, the type's own parameters, or ``params`` with a dict of
            them.
    """

    def __init__(self, field_name: str, index_type: str, index_name: str, **kwargs: Any) -> None:
        params = kwargs.pop("params", None) or {}
        if not isinstance(params, dict):
            raise ParamError(
                message=f"params must be a dict or None, got {type(params).__name__}: {params!r}"
            )
        self.field_name = field_name
        self.index_type = index_type
        self.index_name = index_name
        self._configs = {**params, **kwargs}

    def get_index_configs(self) -> dict[str, Any]:
        """Return the parameters, with ``index_type`` unless it is ""."""
        if not self.index_type:
            return dict(self._configs)
        return {**self._configs, "index_type": self.index_type}

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
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
    """A list of indexes to make."""

    def add_index(
        self, field_name: str, index_type: str = "", index_name: str = "", **kwargs: Any
    ) -> None:
        """Add an index; arguments as for `IndexParam`."""
        self.append(IndexParam(field_name, index_type, index_name, **kwargs))
