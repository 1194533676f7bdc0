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
@pytest.mark.parametrize("version", VERSIONS)
def test_an_application_of_any_version_works(version: str, tmp_path: Path) -> None:
    python = Path(sys.executable) if version == "3.0" else python_of(f"pymilvus-{version}")
    tell(python, STORY, version, ["sync", "async", "orm"], tmp_path)


@pytest.mark.slow
def test_an_application_of_2_4_works(tmp_path: Path) -> None:
    tell(python_of("pymilvus-2.4"), OLD_STORY, "2.4", ["sync", "orm"], tmp_path)


def tell(python: Path, story: Path, version: str, hows: list[str], folder: Path) -> None:
    """Run a story by each kind of client; the process imports its pymilvus once."""
    with serving(folder / "app.db") as uri:
        done = subprocess.run(
            [str(python), str(story), uri, *hows],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    told = [line.split() for line in done.stdout.splitlines()]
    assert [(name, how) for name, _, how in told] == [("pymilvus", how) for how in hows]
    assert all(number.startswith(f"{version}.") for _, number, _ in told)
