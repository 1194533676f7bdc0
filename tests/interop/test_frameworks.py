"""Frameworks' vector stores: on our server with the pymilvus they bring, embedded with ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environments import python_of
from tests.support.serving import serving

SCENARIOS = Path(__file__).parent / "scenarios"
STORIES = {
    "agno": ("frameworks", "agno_story.py"),
    "langchain-milvus": ("frameworks", "langchain_story.py"),
    "llama-index-milvus": ("pymilvus-2.6", "llama_index_story.py"),
    "mem0": ("frameworks", "mem0_story.py"),
    "milvus-haystack": ("frameworks", "haystack_story.py"),
}
"""Of each framework, the environment that has it and what is done with it."""
SAME_HASHES = {**os.environ, "PYTHONHASHSEED": "0"}
"""agno numbers the words of its sparse vectors by Python's hash, of which two may get the same."""


@pytest.mark.slow
@pytest.mark.timeout(400)  # installs
@pytest.mark.parametrize(("environment", "script"), STORIES.values(), ids=STORIES)
def test_documents_are_stored_and_searched(tmp_path: Path, environment: str, script: str) -> None:
    python = python_of(environment)
    with serving(tmp_path / "app.db") as uri:
        done = subprocess.run(
            [str(python), str(SCENARIOS / script), uri],
            capture_output=True,
            text=True,
            env=SAME_HASHES,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1:] == ["done"]  # agno logs to standard output


@pytest.mark.slow
@pytest.mark.timeout(400)  # installs
@pytest.mark.parametrize(("environment", "script"), STORIES.values(), ids=STORIES)
def test_documents_are_stored_in_this_process(
    tmp_path: Path, environment: str, script: str
) -> None:
    (packages,) = python_of(environment).parents[1].glob("lib/python*/site-packages")
    runner, story = SCENARIOS / "as_pymilvus.py", SCENARIOS / script
    done = subprocess.run(
        [sys.executable, str(runner), str(packages), str(story), str(tmp_path / "app.db")],
        capture_output=True,
        text=True,
        env=SAME_HASHES,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1:] == ["done"]  # agno logs to standard output
