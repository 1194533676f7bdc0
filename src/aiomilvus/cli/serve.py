"""``aiomilvus serve``: the database in a directory, for every Milvus client."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from aiomilvus.cli.output import print_line
from aiomilvus.cli.target import check_servable
from aiomilvus.cli.values import FILE, TEXT, File
from aiomilvus.errors import ConnectionConfigException, ParamError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Coroutine

    from aiomilvus.server.running import Server
    from aiomilvus.server.settings import ServerSettings
    from aiomilvus.server.workers import Workers

HTTP_PORT = 9091
"""Where Milvus answers health and metrics."""
_PORT = click.IntRange(0, 65535)


@click.command()
@click.argument("directory", type=TEXT)
@click.option("--host", type=TEXT, help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=_PORT, help="Port to listen on; 0 takes a free one.  [default: 19530]")
@click.option(
    "--http-port",
    type=_PORT,
    help="Port for REST, health, metrics and the console; 0 takes a free one.  "
    "[default: 9091, or a free one with --port 0]",
)
@click.option("--no-http", is_flag=True, envvar="AIOMILVUS_NO_HTTP", help="Listen for no HTTP.")
@click.option("--token", help="user:password, or a key, that every client must give.")
@click.option(
    "--auth",
    is_flag=True,
    default=None,
    help="Every client must be a user of the database, and is allowed only what its roles grant.",
)
@click.option(
    "--root-password",
    help="Replaces the initial password of the user root; better given in the environment.",
)
@click.option("--tls-cert", type=FILE, help="PEM file with the certificate chain.")
@click.option("--tls-key", type=FILE, help="PEM file with the private key.")
@click.option("--tls-client-ca", type=FILE, help="PEM file: clients need a certificate of these.")
@click.option(
    "--import-dir",
    type=File(exists=True, file_okay=False),
    help="Folder whose files clients may import; without it they can't.",
)
@click.option(
    "--external-dir",
    type=File(exists=True, file_okay=False),
    help="Folder whose files clients may make external collections of; without it they can't.",
)
@click.option(
    "--allow-remote",
    is_flag=True,
    default=None,
    help="Listen beyond this machine without token or users: anyone may read and write.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Processes that answer on the one port (Linux).  [default: one for each core]",
)
@click.option(
    "--config",
    type=FILE,
    envvar="AIOMILVUS_CONFIG",
    help="TOML file with settings; options and the environment come before it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object on a line per event.")
def serve(
    directory: str, config: str | None, *, no_http: bool, as_json: bool, **given: Any
) -> None:
    """Serve the database in DIRECTORY until SIGTERM or Ctrl-C.

    Every option but --json can be given in the environment too, as AIOMILVUS_PORT, AIOMILVUS_TOKEN
    and so on.
    """
    # These load gRPC, which --help has no use for.
    from aiomilvus.server.configuration import configured  # noqa: PLC0415
    from aiomilvus.server.logs import set_up_logs  # noqa: PLC0415
    from aiomilvus.server.workers import server_of  # noqa: PLC0415

    check_servable(directory)
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        read = configured(chosen, os.environ, config or "", workers=0)
        settings = _with_http(read, no_http=no_http)
        set_up_logs(settings.log_level, settings.log_format)
        _complete(_run(server_of(directory, settings), directory, as_json=as_json))
    except ConnectionConfigException as error:
        raise ParamError(message=error.message) from error  # of this server, not of a target


def _with_http(settings: ServerSettings, *, no_http: bool) -> ServerSettings:
    """Return the settings with a port for HTTP, which a server of the command line has."""
    import msgspec  # noqa: PLC0415 - as above

    if no_http:
        return msgspec.structs.replace(settings, http_port=None)
    if settings.http_port is None:
        port = HTTP_PORT if settings.port else 0
        return msgspec.structs.replace(settings, http_port=port)
    return settings


def _complete(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a new loop: uvloop's, whose turns cost less, if it is there."""
    import asyncio  # noqa: PLC0415 - as above

    try:
        import uvloop  # noqa: PLC0415 - of an extra
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


async def _run(server: Server | Workers, directory: str, *, as_json: bool) -> None:
    """Serve until a signal asks to stop; requests under way finish first."""
    import asyncio  # noqa: PLC0415 - as above

    from aiomilvus.server import ending  # noqa: PLC0415 - as above

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    _on_signals(loop, stopped)
    try:
        async with server:
            _tell_where(server, directory, as_json=as_json)
            await _first(stopped.wait(), server.wait())
            if stopped.is_set():
                ending.end_within(server.stop_seconds)
            print_line({"event": "stopping"}) if as_json else click.echo("stopping")
    finally:
        ending.stopped()  # a program that calls this command may have more to do


def _tell_where(server: Server | Workers, directory: str, *, as_json: bool) -> None:
    """Print where the server is reached."""
    if as_json:
        uris = {"uri": server.uri, "http_uri": server.http_uri or None}
        print_line({"event": "serving", "directory": directory, **uris})
        return
    click.echo(f"serving {directory} at {server.uri}")
    if server.http_uri:
        click.echo(f"REST, metrics and console at {server.http_uri}")


async def _first(*works: Awaitable[object]) -> None:
    """Return, or raise, as the first of several does; the others are given up."""
    import asyncio  # noqa: PLC0415 - as above

    tasks = [asyncio.ensure_future(each) for each in works]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for task in done:
        task.result()


def _on_signals(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    """Set an event when the system, or Ctrl-C, asks the program to stop."""
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
    else:
        # Loops on Windows have no handlers of signals. SIGBREAK is Ctrl-Break.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGBREAK):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
