"""What is known of how much an index finds, as it is kept with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

FOR_MANY = 1.5
"""The ef for each hit, where many are asked for and nothing is known of the index."""


class Judged(msgspec.Struct, frozen=True):
    """What was found of an index.

    Attributes:
        recall: The share of the ten nearest rows that it finds.
        rows: How many rows it had then.
        ef: The least that is enough.
        scans: Whether all rows are compared, as that costs less than walking so far.
        least: The ef that would have been taken at least.
    """

    recall: float
    rows: int
    ef: int
    scans: bool
    least: int

    @property
    def for_many(self) -> float:
        """The ef for each hit, where many are asked for."""
        return FOR_MANY * self.ef / self.least

    def kept(self) -> dict[str, object]:
        """Return what the description of an index says of it."""
        told: dict[str, object] = msgspec.to_builtins(self)
        return told

    @staticmethod
    def told(meta: Mapping[str, object]) -> Judged | None:
        """Return what the description of an index says, None for nothing."""
        try:
            return msgspec.convert(meta.get("judged"), Judged)
        except msgspec.ValidationError:
            return None
