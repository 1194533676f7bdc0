"""Where progress is noted: in the user's state folder, or where the caller says."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiomilvus.cli import shell
from aiomilvus.client.files import record
from aiomilvus.copying.record import Record
from aiomilvus.errors import ParamError


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", home)


def test_progress_is_noted_below_the_state_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert record.state_path({"file": "a"}).parent == tmp_path / "aiomilvus"
    assert Record(None, "a", "b").path.parent == tmp_path / "aiomilvus"


@pytest.mark.usefixtures("homeless")
def test_a_user_without_a_home_is_asked_where_to_note_it(tmp_path: Path) -> None:
    with pytest.raises(ParamError, match="give `record`, the path of a file"):
        record.state_path({"file": "a"})
    with pytest.raises(ParamError, match="give `record`, the path of a file"):
        Record(None, "a", "b")
    assert Record(tmp_path / "copy.json", "a", "b").path == tmp_path / "copy.json"


@pytest.mark.usefixtures("homeless")
def test_the_shell_of_a_user_without_a_home_remembers_no_lines() -> None:
    assert shell._history_path() is None
    shell._begin_editing(None, lambda *_: None)
