"""A handler that does not fit its operation does not pass the type checker.

What must not pass is not run: mypy reads it, with the rest of the tests, and complains of an
error that it is told to expect and does not find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.operations import collections
from aiomilvus.engine.operations.handlers import HANDLERS, _on
from aiomilvus.model.operations.collections import CollectionStatistics, CreateCollection
from tools import project

if TYPE_CHECKING:
    from aiomilvus.engine.state import DatabaseState

    def told(database: DatabaseState, op: CollectionStatistics) -> str:
        return ""

    _on(CollectionStatistics)(collections.statistics)
    _on(CollectionStatistics)(told)  # type: ignore[arg-type]
    _on(CollectionStatistics)(collections.create)  # type: ignore[arg-type]
    _on(str)(told)  # type: ignore[misc,arg-type]


def test_an_error_that_is_expected_and_missing_is_complained_of() -> None:
    settings = project.settings()["tool"]["mypy"]
    assert settings["strict"]
    assert "tests" in settings["files"]
    loosened = [
        each["module"]
        for each in settings["overrides"]
        if not each.get("warn_unused_ignores", True)
    ]
    assert not [name for names in loosened for name in names if name.startswith("tests")]


def test_an_operation_has_one_line() -> None:
    before = dict(HANDLERS)
    with pytest.raises(TypeError, match="CreateCollection has two lines"):
        _on(CreateCollection)(collections.create)
    assert before == HANDLERS
