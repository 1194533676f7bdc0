"""Older pymilvus, each in an environment of its own, against our server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environments import python_of
from tests.support.serving import serving

STORY = Path(__file__).parent / "scenarios" / "pymilvus_story.py"
VERSIONS = ("2.5", "2.6", "3.0")

pytestmark = pytest.mark.timeout(400)  # installs


@pytest.mark.slow
@pytest.mark.parametrize("how", ["sync", "async", "orm"])
@pytest.mark.parametrize("version", VERSIONS)
def test_an_application_of_any_version_works(version: str, how: str, tmp_path: Path) -> None:
    python = Path(sys.executable) if version == "3.0" else python_of(f"pymilvus-{version}")
    with serving(tmp_path / "app.db") as uri:
        done = subprocess.run(
            [str(python), str(STORY), uri, how],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"pymilvus {version}.")
