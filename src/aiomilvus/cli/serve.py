"""``aiomilvus serve``: the database in a directory, for every Milvus client."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from aiomilvus.errors import MilvusException

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from aiomilvus.server.running import Server


@click.command()
@click.argument("directory")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=19530,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--token",
    default="",
    envvar="AIOMILVUS_TOKEN",
    help="user:password, or a key, that every client must give.",
)
@click.option(
    "--auth",
    is_flag=True,
    help="Every client must be a user of the database, and is allowed only what its roles grant.",
)
@click.option(
    "--root-password",
    default="",
    envvar="AIOMILVUS_ROOT_PASSWORD",
    help="Replaces the initial password of the user root; better given in the environment.",
)
@click.option("--tls-cert", default="", help="PEM file with the certificate chain.")
@click.option("--tls-key", default="", help="PEM file with the private key.")
@click.option("--tls-client-ca", default="", help="PEM file: clients need a certificate of these.")
@click.option(
    "--import-dir",
    default=None,
    type=click.Path(exists=True, file_okay=False),
    help="Folder whose files clients may import; without it they can't.",
)
@click.option(
    "--allow-remote",
    is_flag=True,
    help="Listen beyond this machine without token or users: anyone may read and write.",
)
def serve(
    directory: str,
    host: str,
    port: int,
    token: str,
    auth: bool,
    root_password: str,
    tls_cert: str,
    tls_key: str,
    tls_client_ca: str,
    import_dir: str | None,
    allow_remote: bool,
) -> None:
    """Serve the database in DIRECTORY until SIGTERM or Ctrl-C."""
    from aiomilvus.server import running  # noqa: PLC0415 - loads gRPC, which --help has no use for

    try:
        server = running.serve(
            directory,
            host=host,
            port=port,
            token=token,
            auth=auth,
            root_password=root_password,
            tls_cert=tls_cert,
            tls_key=tls_key,
            tls_client_ca=tls_client_ca,
            import_dir=import_dir or "",
            allow_remote=allow_remote,
        )
        _complete(_run(server, directory))
    except MilvusException as error:
        raise click.ClickException(error.message) from error


def _complete(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a new loop: uvloop's, whose turns cost less, if it is there."""
    try:
        import uvloop  # noqa: PLC0415 - of an extra
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


async def _run(server: Server, directory: str) -> None:
    """Serve until a signal asks to stop; requests under way finish first."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    _on_signals(loop, stopped)
    async with server:
        click.echo(f"serving {directory} at {server.uri}")
        await stopped.wait()
        click.echo("stopping")


def _on_signals(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    """Set an event when the system, or Ctrl-C, asks the program to stop."""
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
    else:
        # Loops on Windows have no handlers of signals. SIGBREAK is Ctrl-Break.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGBREAK):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
