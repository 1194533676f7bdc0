"""What stopped the builds of a collection's indexes."""

from __future__ import annotations


class BuildOutcomes:
    """Why indexes are not built, by index id. Any thread may call: each step is one of a dict."""

    def __init__(self) -> None:
        self._failed: dict[int, str] = {}
        self._delayed: dict[int, str] = {}

    def succeeded(self, index_id: int) -> None:
        """Note that a build came to its end, with an index or with nothing to build."""
        self._delayed.pop(index_id, None)

    def failed(self, index_id: int, reason: str) -> None:
        """Note that an index can't be built from these rows; it is not tried again."""
        self._failed[index_id] = reason

    def delayed(self, index_id: int, reason: str) -> None:
        """Note what stopped a build that is tried again, as a full disk does."""
        self._delayed[index_id] = reason

    def begin_again(self) -> None:
        """Forget all, because the rows are others now."""
        self._failed.clear()
        self._delayed.clear()

    def has_failed(self, index_id: int) -> bool:
        """Return whether an index can't be built."""
        return index_id in self._failed

    def reason(self, index_id: int) -> str:
        """Return why an index is not built, "" if nothing stopped it."""
        return self._failed.get(index_id, "") or self._delayed.get(index_id, "")
