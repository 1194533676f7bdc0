"""Older pymilvus, each in an environment of its own, against our server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environments import python_of
from tests.support.serving import serving

SCENARIOS = Path(__file__).parent / "scenarios"
STORY = SCENARIOS / "pymilvus_story.py"
OLD_STORY = SCENARIOS / "pymilvus_24_story.py"
VERSIONS = ("2.5", "2.6", "3.0")

pytestmark = pytest.mark.timeout(400)  # installs


@pytest.mark.slow
@pytest.mark.parametrize("how", ["sync", "async", "orm"])
@pytest.mark.parametrize("version", VERSIONS)
def test_an_application_of_any_version_works(version: str, how: str, tmp_path: Path) -> None:
    python = Path(sys.executable) if version == "3.0" else python_of(f"pymilvus-{version}")
    told = tell(python, STORY, how, tmp_path)
    assert told.startswith(f"pymilvus {version}.")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["sync", "orm"])
def test_an_application_of_2_4_works(how: str, tmp_path: Path) -> None:
    told = tell(python_of("pymilvus-2.4"), OLD_STORY, how, tmp_path)
    assert told.startswith("pymilvus 2.4.")


def tell(python: Path, story: Path, how: str, folder: Path) -> str:
    """Return what a story says at its end."""
    with serving(folder / "app.db") as uri:
        done = subprocess.run(
            [str(python), str(story), uri, how],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout
