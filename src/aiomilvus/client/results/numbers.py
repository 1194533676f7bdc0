"""The arrays that tables need beside the columns themselves, made by numpy.

Public names are imported without numpy, so it is imported here when a table is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def numbered(bounds: Sequence[int]) -> NDArray[np.int32]:
    """Return for each item the number of its group.

    Args:
        bounds: Where each group begins, and where the last one ends.
    """
    import numpy as np  # noqa: PLC0415 - see above

    numbers = np.arange(len(bounds) - 1, dtype=np.int32)
    return np.repeat(numbers, np.diff(bounds))


def packed(missing: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return a bitmap of the values that are there, the lowest bit first, as Arrow has it."""
    import numpy as np  # noqa: PLC0415 - see above

    return np.packbits(~missing, bitorder="little")
