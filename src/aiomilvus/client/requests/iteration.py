"""What iterators are asked for: checked when they are made, before anything is read."""

from __future__ import annotations

from aiomilvus.client.arguments import check_limit, check_mapping
from aiomilvus.errors import ParamError

LARGEST_BATCH = 16384


def refuse_in_iteration(
    options: dict[str, object], search_params: object, external_filter_func: object
) -> None:
    """Raise ParamError for what means nothing for an iteration; take the offset out."""
    if options.get("group_by_field") or options.get("group_by_fields"):
        raise ParamError(message="Not allowed to do groupBy when doing iteration")
    if options.pop("offset", None) or check_mapping(search_params, "search_params").get("offset"):
        raise ParamError(message="Not support offset when searching iteration")
    if external_filter_func is not None and not callable(external_filter_func):
        raise ParamError(message="`external_filter_func` should be a function, or None")


def checked_batch_size(given: int | None) -> int:
    """Return the size of an iterator's batches.

    Raises:
        ParamError: It is out of range.
    """
    size = check_limit(1000 if given is None else given, "batch_size")
    if not 0 < size <= LARGEST_BATCH:
        raise ParamError(
            message=f"batch size should be in range [1, {LARGEST_BATCH}], but got {size}"
        )
    return size
