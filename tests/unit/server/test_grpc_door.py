"""Replies that take long to write are written in a thread, so that they hold up no other call."""

from __future__ import annotations

import numpy as np
import pytest

from aiomilvus.model.changes import ChangePart, ChangePosition, ChangesRead
from aiomilvus.server.grpc_door import LARGE_HITS, _is_large


def deletions(count: int) -> ChangePart:
    places = np.zeros(count, np.int64)
    return ChangePart(
        kind="delete", partition="", log=1, offsets=places, told=places, timestamps=places
    )


@pytest.mark.parametrize(
    ("counts", "is_large"),
    [((), False), ((3, 4), False), ((LARGE_HITS,), True), ((LARGE_HITS // 2 + 1,) * 2, True)],
)
def test_many_changes_are_a_large_reply(counts: tuple[int, ...], is_large: bool) -> None:
    found = ChangesRead(parts=tuple(map(deletions, counts)), position=ChangePosition(1, 1, 0, 0, 0))
    assert _is_large(found) is is_large
