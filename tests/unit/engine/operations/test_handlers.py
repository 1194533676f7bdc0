"""A handler that does not fit its operation does not pass the type checker."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[4]
LINES = """\
from aiomilvus.engine.operations import collections
from aiomilvus.engine.operations.handlers import _on
from aiomilvus.engine.state import DatabaseState
from aiomilvus.model.operations.collections import CollectionStatistics, CreateCollection

def told(database: DatabaseState, op: CollectionStatistics) -> str:
    return ""

_on(CollectionStatistics)(collections.statistics)
_on(CollectionStatistics)(told)
_on(CollectionStatistics)(collections.create)
_on(str)(told)
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_handler_of_another_operation_or_answer_is_an_error(tmp_path: Path) -> None:
    checked = tmp_path / "checked.py"
    checked.write_text(LINES)
    options = ["--strict", "--config-file", str(ROOT / "pyproject.toml"), "--no-error-summary"]
    output, errors, _ = api.run([*options, str(checked)])
    assert errors == ""
    wrong = {int(line.split(":")[1]) for line in output.splitlines() if ": error: " in line}
    assert wrong == {10, 11, 12}
