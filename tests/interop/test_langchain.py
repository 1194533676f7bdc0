"""LangChain's vector store on our server."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.environments import python_of
from tests.support.serving import serving

STORY = Path(__file__).parent / "scenarios" / "langchain_story.py"


@pytest.mark.slow
@pytest.mark.timeout(400)  # installs
def test_langchain_stores_and_searches_documents(tmp_path: Path) -> None:
    python = python_of("langchain-milvus")
    with serving(tmp_path / "app.db") as uri:
        done = subprocess.run(
            [str(python), str(STORY), uri],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\n"
