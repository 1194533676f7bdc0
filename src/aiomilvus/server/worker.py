"""One of several processes that answer on the same ports; see `workers`, which starts it.

It reads the settings from its standard input, tells on its standard output that it is ready, or
why it can't be, and stops on SIGTERM, or when the input ends because its parent has.
"""

from __future__ import annotations

import asyncio
import signal
import sys

import msgspec

from aiomilvus.errors import MilvusException
from aiomilvus.server.ending import end_within
from aiomilvus.server.logs import set_up_logs
from aiomilvus.server.running import Server
from aiomilvus.server.settings import ServerSettings


class Told(msgspec.Struct, frozen=True):
    """What a worker tells its parent, once.

    Attributes:
        failure: Why it can't answer; "" when it is ready.
        kind: The name of the error's class.
    """

    failure: str = ""
    kind: str = ""


async def _work(directory: str, settings: ServerSettings) -> int:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not stopped.is_set():
            loop.remove_reader(sys.stdin.fileno())
            stopped.set()
            end_within(settings.grace)

    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_reader(sys.stdin.fileno(), stop)
    try:
        async with Server(directory, settings, shares_ports=True):
            _tell(Told())
            await stopped.wait()
    except MilvusException as error:
        _tell(Told(error.message, type(error).__name__))
        return 1
    return 0


def _tell(told: Told) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Answer until told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which decides
    settings = msgspec.json.decode(sys.stdin.buffer.readline(), type=ServerSettings)
    set_up_logs(settings.log_level, settings.log_format)
    sys.exit(asyncio.run(_work(sys.argv[1], settings)))
