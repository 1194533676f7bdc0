"""The command ``aiomilvus``, which is also ``python -m aiomilvus``."""

from __future__ import annotations

import signal
import sys

INTERRUPTED = 130
"""The exit code after Ctrl-C, as of a program that the signal ended."""


def run() -> None:
    """Run the command line; Ctrl-C ends it without a traceback, while it is imported too."""
    try:
        from aiomilvus.cli import main  # noqa: PLC0415 - so that its import can be interrupted

        main(prog_name="aiomilvus")
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)
    finally:
        # All is written. Ctrl-C while Python clears up would only add a traceback.
        signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    run()
