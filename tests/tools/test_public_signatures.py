"""tools/public_signatures.py: what is listed of a public name, and when the list is stale."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING

from tools import project, public_signatures

if TYPE_CHECKING:
    import pytest


class Sample:
    LIMIT = 3

    def __init__(self, size: int = 1) -> None:
        self.size = size

    def _hidden(self) -> None: ...

    async def wait(self, timeout: float | None = None, *, hard: bool = False) -> list[str]:
        raise NotImplementedError

    @property
    def name(self) -> str:
        return ""

    @staticmethod
    def parse(text: str) -> Sample:
        raise NotImplementedError


class Color(enum.IntEnum):
    RED = 7


def test_a_class_lists_constructor_methods_and_properties(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Sample, "__module__", "aiomilvus.sample")
    assert list(public_signatures.described("aiomilvus.Sample", Sample)) == [
        "class aiomilvus.Sample()",
        "    __init__(size: int = 1) -> None",
        "    LIMIT = 3",
        "    property name -> str",
        "    staticmethod parse(text: str) -> Sample",
        "    async wait(self, timeout: float | None = None, *, hard: bool = False) -> list[str]",
    ]


def test_an_enumeration_lists_its_values(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Color, "__module__", "aiomilvus.sample")
    lines = list(public_signatures.described("aiomilvus.Color", Color))
    assert lines == ["class aiomilvus.Color()", "    RED = 7"]


def test_both_clients_are_listed_and_so_are_their_keywords():
    lines = public_signatures.page().splitlines()
    listed = [line for line in lines if line.startswith("class aiomilvus.")]
    assert {"class aiomilvus.AsyncMilvusClient()", "class aiomilvus.MilvusClient()"} <= set(listed)
    assert sum(line.lstrip().startswith("async hybrid_search(") for line in lines) == 1
    assert sum(line.lstrip().startswith("hybrid_search(") for line in lines) == 1
    assert "options ConnectOptions" in lines


def test_a_module_is_listed_by_its_name_wherever_it_is_loaded_from():
    assert list(public_signatures.described("a.tools", project)) == [
        "module a.tools = tools.project"
    ]
    assert str(Path(__file__).parents[2]) not in public_signatures.page()


def test_a_changed_signature_fails_the_check_and_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(public_signatures, "PAGE", tmp_path / "signatures.txt")
    monkeypatch.setattr(public_signatures, "page", lambda: "f(a: int)\n")
    assert public_signatures.main([]) == 0
    assert public_signatures.main(["--check"]) == 0
    monkeypatch.setattr(public_signatures, "page", lambda: "f(b: int)\n")
    assert public_signatures.main(["--check"]) == 1
    shown = capsys.readouterr().out
    assert "- f(a: int)" in shown
    assert "+ f(b: int)" in shown
