"""The command ``aiomilvus``, which is also ``python -m aiomilvus``.

Nothing is imported before `run` begins but what the interpreter has loaded: until then Ctrl-C is
Python's to tell, with a traceback.
"""

import os
import sys

INTERRUPTED = 130
"""The exit code after Ctrl-C, as of a program that the signal ended."""
_MESSAGE = "interrupted\n"


def run() -> None:
    """Run the command line; Ctrl-C ends it without a traceback, while it is imported too."""
    try:
        from aiomilvus.cli.overview import answer  # noqa: PLC0415 - once Ctrl-C is caught

        try:
            if answer(sys.argv[1:]):
                return
        except OSError:
            pass  # nobody reads it: the command line, which fails the same way, has a code for that
        _run()
    except KeyboardInterrupt:
        sys.stderr.write(_MESSAGE)
        sys.exit(INTERRUPTED)


def _run() -> None:
    import signal  # noqa: PLC0415 - as above

    # Where whoever started the program lets Ctrl-C be ignored, it stays so.
    is_ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_ours:
        # Raised in the middle of an import, an exception may be printed and lost.
        signal.signal(signal.SIGINT, _stop)
    from aiomilvus.cli.main import main  # noqa: PLC0415 - as above

    if is_ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        main(prog_name="aiomilvus")
    finally:
        ending = sys.modules.get("aiomilvus.server.ending")
        if ending is not None:
            ending.finish()
        if is_ours:
            # All is written. Ctrl-C while Python clears up would only add a traceback.
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _stop(_number: int, _frame: object) -> None:
    """End the program at once: it has begun nothing."""
    os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, _MESSAGE.encode())
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    run()
