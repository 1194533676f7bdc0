"""The SDK's server, telling an agent in plain words what is wrong with its arguments.

Imports the SDK, which an extra installs: only `serving` imports this, when a server is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import ValidationError

from aiomilvus.mcp.arguments import unknown_arguments, wrong_arguments

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context
    from mcp_types import CallToolResult, InputRequiredResult


class ToolServer(MCPServer[object]):
    """A server whose tools refuse arguments that they do not have."""

    async def call_tool(
        self,
        name: str,
        arguments: dict[str, object],
        context: Context[object, object] | None = None,
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool.

        Raises:
            ToolError: There is no such tool, its arguments are wrong, or it failed.
        """
        schemas = {tool.name: tool.input_schema for tool in await self.list_tools()}
        schema = schemas.get(name)
        if schema is None:
            known = ", ".join(schemas)
            raise ToolError(f"there is no tool {name!r}: the tools are {known}")
        unknown = unknown_arguments(name, schema, arguments)
        if unknown:
            raise ToolError(unknown)
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__
            if not isinstance(cause, ValidationError):
                raise
            wrong = [str(each["loc"][0]) for each in cause.errors()]
            raise ToolError(wrong_arguments(name, schema, arguments, wrong)) from error
