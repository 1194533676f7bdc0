"""The command ``aiomilvus``, which is also ``python -m aiomilvus``."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""The exit code after Ctrl-C, as of a program that the signal ended."""


def run() -> None:
    """Run the command line; Ctrl-C ends it without a traceback, while it is imported too."""
    try:
        import signal  # noqa: PLC0415 - so that what takes time to import can be interrupted

        from aiomilvus.cli import main  # noqa: PLC0415 - as above

        try:
            main(prog_name="aiomilvus")
        finally:
            # All is written. Ctrl-C while Python clears up would only add a traceback.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    run()
