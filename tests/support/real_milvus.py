"""The real Milvus 2.3.5, in a process of its own."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.environments import ROOT, python_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCRIPT = ROOT / "tests" / "interop" / "scenarios" / "milvus_server.py"


@contextmanager
def real_milvus(folder: Path) -> Iterator[str]:
    """Run a server with its data in `folder` and yield its URI.

    Skips the test where the package cannot be installed or its server does not start.
    """
    with subprocess.Popen(
        [str(python_of("milvus-2.3.5")), str(SCRIPT), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdin is not None
        port = process.stdout.readline().strip()
        if not port:
            pytest.skip(f"Milvus 2.3.5 does not start here: {process.stderr.read()[-300:]}")
        yield f"http://127.0.0.1:{port}"
        process.stdin.close()
        process.wait(30)
