"""What indexes may be called."""

from __future__ import annotations

from aiomilvus.errors import ParamError
from aiomilvus.model.index_definitions import fault_of_index_name


def check_index_name(name: str) -> None:
    """Raise ParamError unless a name may be that of an index; spaces around it don't count."""
    name = name.strip()
    fault = fault_of_index_name(name)
    if fault:
        raise ParamError(message=f"Invalid index name: {name}. {fault}: invalid parameter")
