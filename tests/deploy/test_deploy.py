"""What ships in deploy/: its settings start a server, and its steps are the ones that work."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from aiomilvus import MilvusClient
from aiomilvus.cli.serve import serve
from tools import project

if TYPE_CHECKING:
    from pathlib import Path

DEPLOY = project.ROOT / "deploy"
INSTALLED = "/etc/aiomilvus/serve.toml"


def steps() -> list[tuple[str, str]]:
    """Return the instructions of the Containerfile with their arguments."""
    lines = (DEPLOY / "Containerfile").read_text("utf-8").splitlines()
    told = [line for line in lines if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in told]


def arguments(command: list[str]) -> list[str]:
    """Return what a command line hands to ``aiomilvus serve``."""
    assert command[0].endswith("aiomilvus")
    assert command[1] == "serve"
    return command[2:]


def test_the_image_copies_files_that_are_there() -> None:
    for name, given in steps():
        if name == "COPY":
            for source in given.split()[:-1]:
                assert (project.ROOT / source).exists(), source


def test_the_image_installs_extras_that_there_are() -> None:
    (install,) = [given for name, given in steps() if name == "RUN" and "pip" in given]
    found = re.search(r"/build\[([\w,]+)\]", install)
    assert found is not None
    assert set(found[1].split(",")) <= project.settings()["project"]["optional-dependencies"].keys()


def test_both_start_the_server_with_options_that_it_has() -> None:
    (entry,) = [given for name, given in steps() if name == "ENTRYPOINT"]
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # names keep their case
    unit.read(DEPLOY / "aiomilvus.service", "utf-8")
    for command in (json.loads(entry), shlex.split(unit["Service"]["ExecStart"])):
        settings = str(DEPLOY / "serve.toml")  # what stands under /etc
        given = [settings if each == INSTALLED else each for each in arguments(command)]
        assert settings in given
        context = serve.make_context("serve", given)
        assert context.params["config"] == settings
        assert context.params["directory"].endswith("/data")


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd here to check the unit"
)
def test_systemd_takes_the_unit() -> None:
    unit = str(DEPLOY / "aiomilvus.service")
    found = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    # That the program is not installed where the unit has it is no fault of the unit.
    told = [line for line in found.stderr.splitlines() if "aiomilvus.service" in line]
    assert [line for line in told if "not executable" not in line] == []


def test_its_settings_start_a_guarded_server(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-c", "from aiomilvus.cli.main import main; main()"]
    options = ["--config", str(DEPLOY / "serve.toml"), "--host", "127.0.0.1", "--port", "0"]
    environment = {**os.environ, "AIOMILVUS_ROOT_PASSWORD": "changed-1"}
    with subprocess.Popen(
        [*command, "serve", str(tmp_path / "data"), *options, "--http-port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        uri = server.stdout.readline().split()[-1]
        http = server.stdout.readline().split()[-1]
        assert httpx.get(f"{http}/healthz").text == "OK"
        refused = httpx.post(f"{http}/v2/vectordb/collections/list", json={})
        assert refused.status_code == 401
        with MilvusClient(uri, token="root:changed-1") as client:
            assert client.list_collections() == []
        server.send_signal(signal.SIGTERM)
        logged = [json.loads(line) for line in server.stderr.read().splitlines()]
    assert server.returncode == 0
    (told,) = [line for line in logged if line["logger"] == "aiomilvus.requests"]
    assert (told["door"], told["method"], told["code"]) == ("rest", "ShowCollections", 1800)
    assert told["request_id"]
