"""The command as a module."""

import subprocess
import sys

from aiomilvus import __version__


def test_the_package_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "aiomilvus", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"aiomilvus, version {__version__}\n"
