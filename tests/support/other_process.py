"""A process of its own with a client on a directory, which does as it is told.

Run as ``python -m tests.support.other_process DIRECTORY``, it reads a line of Python at a time,
an expression over ``client``, and prints its value, or the error, as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


class OtherProcess:
    """The controlling end."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.support.other_process", str(folder)]
        paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": paths},
        )
        self.read()

    def send(self, expression: str) -> None:
        """Ask for the value of an expression, without waiting for it."""
        assert self.process.stdin is not None
        self.process.stdin.write(expression + "\n")
        self.process.stdin.flush()

    def read(self) -> Any:
        """Return the value that comes next."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the process has ended"
        return json.loads(line)

    def do(self, expression: str) -> Any:
        """Return the value of an expression over ``client``, evaluated there."""
        self.send(expression)
        return self.read()

    def end(self) -> None:
        """End the process and wait for its end."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value, default=str) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Do as the lines on the standard input say."""
    from aiomilvus import MilvusClient

    client = MilvusClient(sys.argv[1])
    _say("ready")
    for line in sys.stdin:
        try:
            value = eval(line, {"client": client})  # noqa: S307 - the test's own text
        except Exception as error:  # noqa: BLE001 - told to the test
            value = f"{type(error).__name__}: {error}"
        _say(value)


if __name__ == "__main__":
    main()
