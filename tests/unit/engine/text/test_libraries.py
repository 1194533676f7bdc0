"""A text library that can't be loaded is named, and only what needs it is refused."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from aiomilvus import MilvusClient
from aiomilvus.engine.text import libraries
from aiomilvus.errors import NotSupportedError


@pytest.mark.parametrize("name", ["tantivy", "stopwordsiso"])
def test_a_library_that_can_not_be_loaded_is_named(name: str, monkeypatch: pytest.MonkeyPatch):
    accessor: Any = getattr(libraries, name)
    monkeypatch.setitem(sys.modules, name, None)
    accessor.cache_clear()
    with pytest.raises(NotSupportedError, match=f"needs the package {name}, which can't be loaded"):
        accessor()


def test_without_tantivy_all_but_text_analysis_works(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "tantivy", None)
    libraries.tantivy.cache_clear()
    with MilvusClient(":memory:") as client:
        client.create_collection("plain", dimension=2)
        client.insert("plain", [{"id": 1, "vector": [0.0, 1.0], "text": "a fox"}])
        assert client.query("plain", 'text like "%fox"', ["id"]) == [{"id": 1}]
        with pytest.raises(NotSupportedError, match="text analysis"):
            client.run_analyzer("a fox", {"tokenizer": "standard", "filter": ["asciifolding"]})
        assert client.list_collections() == ["plain"]
