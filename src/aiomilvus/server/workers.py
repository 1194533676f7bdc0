"""Several processes behind one port: a parent that starts them, replaces them, and ends them.

Each has the directory open; one leads, the others follow it. The system hands each new
connection to one of those that listen (SO_REUSEPORT). The parent has the ports bound, so that
nobody else takes them, but does not listen, and does not open the database.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.errors import (
    ConnectionConfigException,
    DatabaseLockedError,
    DatabaseNotOpenedError,
    DataCorruptedError,
    StorageError,
)
from aiomilvus.interpreter import command_of
from aiomilvus.server.calls import SHARED
from aiomilvus.server.ending import LEAST
from aiomilvus.server.running import Server, refuse_taken, uri_of
from aiomilvus.server.settings import MOST_WORKERS
from aiomilvus.server.shared_counts import keep_counts_of_ended
from aiomilvus.server.worker import Told

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from types import TracebackType

    from typing_extensions import Self

    from aiomilvus.server.settings import ServerSettings

_log = logging.getLogger(__name__)
_REUSE_PORT: int = getattr(socket, "SO_REUSEPORT", 0)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a worker is begun again that could not begin: they double."""
_MOST_TRIES = 8
"""Tries after which the server ends if no worker answers: a minute, or more."""
_PRODUCTS = "OPENBLAS_NUM_THREADS"
"""Threads of numpy's products. With a process for each core, more of them wait for each other."""
_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_MARGIN = 1.0
"""Seconds beyond the settings' grace until a worker that does not end is killed."""


def server_of(path: str, settings: ServerSettings) -> Server | Workers:
    """Return what serves a directory, in as many processes as the settings say.

    Args:
        path: Directory of the database, or ``":memory:"``.
        settings: How to listen and what to allow; `workers` is 0 to let the machine decide: one
            for each core where several can share the directory and the port.

    Raises:
        ConnectionConfigException: The settings do not fit together.
    """
    count = settings.workers or (1 if path == ":memory:" else _cores())
    chosen = msgspec.structs.replace(settings, workers=count)
    if count == 1:
        return Server(path, chosen)
    return Workers(path, chosen, insists=settings.workers > 0)


def _cores() -> int:
    """Return how many cores this process may use; 1 where workers can't share a port."""
    count = 1
    if sys.platform == "linux":
        count = min(len(os.sched_getaffinity(0)), MOST_WORKERS)
        with suppress(OSError, ValueError):  # a container may have less time than that
            quota, period = map(int, _QUOTA.read_text("ascii").split())
            count = min(count, max(1, round(quota / period)))
    return count


def _kind_of(told: Told) -> type[StorageError]:
    """Return the class of a worker's error, as if it had been raised in this process."""
    for kind in (DatabaseLockedError, DatabaseNotOpenedError, DataCorruptedError):
        if kind.__name__ == told.kind:
            return kind
    return StorageError


class Workers:
    """The processes of one server; ``async with`` starts and stops them.

    Args:
        path: Directory of the database.
        settings: How to listen, what to allow, and how many processes there are.
        insists: Whether it fails where the directory can't be shared by several processes; else
            one of them answers alone.
    """

    def __init__(self, path: str, settings: ServerSettings, *, insists: bool = True) -> None:
        settings.check()
        system: str = sys.platform  # a checker takes the rest for unreachable elsewhere
        if system != "linux":
            raise ConnectionConfigException(
                message="several workers need a system that spreads connections over processes "
                "that listen on one port, which is Linux: leave `workers` at 1"
            )
        if path == ":memory:":
            raise ConnectionConfigException(
                message="several workers share a directory: ':memory:' is one process' own"
            )
        self._path = path
        self._settings = settings
        self._insists = insists
        self._counts = ""
        """Folder where each worker counts its calls, for whichever is asked for metrics."""
        self._ports: list[socket.socket] = []
        self._running: set[Process] = set()
        self._answering: set[Process] = set()
        """Those of them that have begun."""
        self._watching: list[asyncio.Task[None]] = []

    @property
    def uri(self) -> str:
        """What a client on this machine gives to connect."""
        return uri_of(self._settings, self._settings.port)

    @property
    def http_uri(self) -> str:
        """Where HTTP is answered, "" where it is not."""
        port = self._settings.http_port
        return "" if port is None else uri_of(self._settings, port)

    async def start(self) -> None:
        """Start all, and return when each one answers.

        Raises:
            ConnectionConfigException: A port is taken.
            StorageError: A worker could not begin; the message says why.
        """
        given = self._settings
        try:
            self._counts = await asyncio.to_thread(mkdtemp, prefix="aiomilvus-calls-")
            port = self._reserved(given.port)
            http = None if given.http_port is None else self._reserved(given.http_port)
            self._settings = msgspec.structs.replace(given, port=port, http_port=http)
            first = await self._begun()  # it leads; what is wrong with the directory, it tells
            started = [first, *await self._others(given.workers - 1)]
        except BaseException:
            await self.stop()
            raise
        self._watching = [asyncio.ensure_future(self._keep(each)) for each in started]

    async def wait(self) -> None:
        """Return when the server has been stopped.

        Raises:
            StorageError: It can't go on: no worker answers, and none can begin.
        """
        done, _ = await asyncio.wait(self._watching, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            if not task.cancelled():
                task.result()

    async def _others(self, count: int) -> list[Process]:
        """Start the workers beside the first one.

        Raises:
            StorageError: One could not begin, and several are insisted on.
        """
        found = await asyncio.gather(*(self._begun() for _ in range(count)), return_exceptions=True)
        failures = [each for each in found if isinstance(each, BaseException)]
        for each in failures:
            if self._insists or not isinstance(each, StorageError):
                raise each
        for each in failures:
            _log.warning("%s: fewer processes answer than could: %s", self._path, each)
        return [each for each in found if not isinstance(each, BaseException)]

    def _reserved(self, port: int) -> int:
        """Bind a port for the workers alone; return its number."""
        host = self._settings.host
        refuse_taken(host, port)
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        reserved = socket.socket(family, kind, protocol)
        self._ports.append(reserved)
        reserved.setsockopt(socket.SOL_SOCKET, _REUSE_PORT, 1)
        try:
            reserved.bind(address)
        except OSError as error:
            raise ConnectionConfigException(
                message=f"can't listen on {host}:{port}: {error.strerror}"
            ) from error
        return int(reserved.getsockname()[1])

    async def _begun(self) -> Process:
        """Start a worker; return it when it answers.

        Raises:
            StorageError: It could not begin.
            Exception: It could not be started, or told something else.
        """
        command = command_of("aiomilvus.server.worker", self._path)
        pipe = asyncio.subprocess.PIPE
        threads = max(1, _cores() // self._settings.workers)
        environment = {_PRODUCTS: str(threads), **os.environ, SHARED: self._counts}
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, env=environment
        )
        self._running.add(process)
        try:
            told = await self._introduced(process)
            if told.failure:
                await process.wait()
                raise _kind_of(told)(message=f"a worker could not begin: {told.failure}")
        except Exception:  # `stop` ends those that are beginning when it is called
            if process.returncode is None:
                process.kill()
                await process.wait()
            await self._ended(process)
            raise
        self._answering.add(process)
        return process

    async def _introduced(self, process: Process) -> Told:
        """Give a worker the settings, and return what it says to them."""
        if process.stdin is None or process.stdout is None:
            message = "a worker was started without pipes"
            raise RuntimeError(message)
        process.stdin.write(msgspec.json.encode(self._settings) + b"\n")
        line = await process.stdout.readline()
        return msgspec.json.decode(line, type=Told) if line else Told("it ended at once")

    async def _ended(self, process: Process) -> None:
        """Take note that a worker has ended; keep what it counted."""
        self._running.discard(process)
        self._answering.discard(process)
        try:
            await asyncio.to_thread(keep_counts_of_ended, self._counts, process.pid)
        except Exception:  # noqa: BLE001 - logged; its counts are no reason to have one worker less
            _log.exception(
                "what worker %s counted can't be moved to the counts of those that ended",
                process.pid,
            )

    async def _keep(self, process: Process) -> None:
        """Replace a worker whenever it ends, until all are to stop.

        Raises:
            StorageError: As `_successor`.
        """
        while True:
            code = await process.wait()
            await self._ended(process)
            _log.error("worker %s ended with %s; another one takes its place", process.pid, code)
            process = await self._successor()

    async def _successor(self) -> Process:
        """Begin another worker, however often it takes.

        Raises:
            StorageError: None answers any more, and none could begin.
        """
        tries, pause = 0, _FIRST_PAUSE
        while True:
            try:
                return await self._begun()
            except Exception as error:  # whatever it is: without another try nobody would answer
                tries += 1
                _log.exception(
                    "try %d to replace a worker of %s failed with %s",
                    tries,
                    self._path,
                    type(error).__name__,
                )
                if tries >= _MOST_TRIES and not self._answering:
                    raise StorageError(
                        message=f"no worker of {self._path} answers any more, and none could begin "
                        f"in {tries} tries: {type(error).__name__}: {error}"
                    ) from error
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    @property
    def stop_seconds(self) -> float:
        """How long a stop may take: each worker has the settings' grace."""
        return max(self._settings.grace, LEAST) + 2 * _MARGIN

    async def stop(self) -> None:
        """Let all finish what is under way, and return when they have ended."""
        for task in self._watching:  # no other one takes the place of what ends now
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        running = [each for each in self._running if each.returncode is None]
        for process in running:
            process.terminate()
        if running:
            ends = [asyncio.ensure_future(each.wait()) for each in running]
            await asyncio.wait(ends, timeout=max(self._settings.grace, LEAST) + _MARGIN)
        for process in running:
            if process.returncode is None:
                _log.error("worker %s does not end and is killed", process.pid)
                process.kill()
                await process.wait()
        for port in self._ports:
            port.close()
        await asyncio.to_thread(rmtree, self._counts, ignore_errors=True)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.shield(self.stop())
