"""Milvus' SDK for Node on our server, by gRPC and by HTTP, and what Attu asks by it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.environments import modules_of
from tests.support.serving import running

SCENARIOS = Path(__file__).parent / "scenarios"


@pytest.mark.slow
@pytest.mark.timeout(400)  # installs
@pytest.mark.parametrize("story", ["node_story.js", "attu_story.js", "http_story.js"])
def test_nodes_sdk_works_on_our_server(tmp_path: Path, story: str) -> None:
    modules = modules_of("milvus2-sdk-node") / "node_modules"
    node = shutil.which("node")
    assert node is not None
    with running(tmp_path / "app.db", http_port=0) as server:
        by_http = story == "http_story.js"
        address = server.http_uri if by_http else server.uri.removeprefix("http://")
        done = subprocess.run(
            [node, str(SCENARIOS / story), address],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "NODE_PATH": str(modules)},
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\n"
