"""``aiomilvus mcp``: a database as tools of the Model Context Protocol."""

from __future__ import annotations

import click

from aiomilvus.cli.target import check_there
from aiomilvus.cli.values import TEXT


@click.command()
@click.argument("target", type=TEXT)
@click.option(
    "--token", default="", envvar="AIOMILVUS_TOKEN", help="user:password, or a key, of a server."
)
@click.option("--database", type=TEXT, help="Name of the database.  [default: default]")
@click.option("--insert", is_flag=True, help="Let agents insert rows too.")
def mcp(target: str, token: str, database: str | None, *, insert: bool) -> None:
    """Offer the database TARGET, a directory or a server's address, to an agent.

    Speaks the Model Context Protocol over standard input and output, for programs that start it.
    """
    import asyncio  # noqa: PLC0415 - --help has no use for it

    from aiomilvus.mcp.serving import serve_tools  # noqa: PLC0415 - as above

    check_there(target)
    asyncio.run(serve_tools(target, token, database or "", inserts=insert))
