"""Function chains ↔ plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import ParamError
from aiomilvus.model.ranking import Chains

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aiomilvus.wire.proto import messages as pb

_WHOLE = 63
_DEEPEST = 16


def write_chains(messages: Any, chains: Chains) -> None:
    """Append chains to a request.

    Raises:
        ParamError: A parameter has no form in the protocol.
    """
    for chain in chains.chains:
        message = messages.add(name=chain["name"], stage=chain["stage"])
        for operation in chain["ops"]:
            added = message.ops.add(
                op=operation["op"],
                inputs=operation.get("inputs", ()),
                outputs=operation.get("outputs", ()),
            )
            _write_params(added.params, operation.get("params", {}))
            if operation.get("expr"):
                _write_expression(added.expr, operation["expr"])


def _write_expression(message: pb.FunctionChainExpr, expression: Mapping[str, Any]) -> None:
    message.name = expression["name"]
    for argument in expression.get("args", ()):
        added = message.args.add()
        if "column" in argument:
            added.column.name = argument["column"]
        else:
            _write_value(added.literal, argument["literal"])
    _write_params(message.params, expression.get("params", {}))


def _write_params(fields: Any, params: Mapping[str, Any]) -> None:
    for name, value in params.items():
        _write_value(fields[name], value)


def _write_value(message: pb.FunctionParamValue, value: Any) -> None:
    if isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, int):
        if value.bit_length() > _WHOLE:
            raise ParamError(message=f"function chain parameter {value} is no 64-bit number")
        message.int64_value = value
    elif isinstance(value, float):
        message.double_value = value
    elif isinstance(value, str):
        message.string_value = value
    elif isinstance(value, bytes):
        message.bytes_value = value
    elif isinstance(value, (list, tuple)):
        message.array_value.SetInParent()
        for each in value:
            _write_value(message.array_value.values.add(), each)
    elif isinstance(value, dict):
        message.object_value.SetInParent()
        _write_params(message.object_value.fields, value)
    else:
        kind = type(value).__name__
        raise ParamError(message=f"Unsupported function chain parameter type: {kind}")


def read_chains(messages: Iterable[pb.FunctionChain]) -> Chains:
    """Return the chains of a request.

    Raises:
        ParamError: A parameter is empty, or lists within lists go too deep.
    """
    return Chains(
        chains=tuple(
            {
                "name": message.name,
                "stage": int(message.stage),
                "ops": [_read_operation(each) for each in message.ops],
            }
            for message in messages
        )
    )


def _read_operation(message: pb.FunctionChainOp) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "op": message.op,
        "inputs": tuple(message.inputs),
        "outputs": tuple(message.outputs),
        "params": _read_params(message.params),
    }
    if message.HasField("expr"):
        operation["expr"] = {
            "name": message.expr.name,
            "args": [_read_argument(each) for each in message.expr.args],
            "params": _read_params(message.expr.params),
        }
    return operation


def _read_argument(message: pb.FunctionChainExprArg) -> dict[str, Any]:
    if message.WhichOneof("arg") == "column":
        return {"column": message.column.name}
    return {"literal": _read_value(message.literal, 0)}


def _read_params(fields: Mapping[str, pb.FunctionParamValue], depth: int = 0) -> dict[str, Any]:
    return {name: _read_value(fields[name], depth) for name in fields}


def _read_value(message: pb.FunctionParamValue, depth: int) -> Any:
    which = message.WhichOneof("value")
    if which is None or depth > _DEEPEST:
        raise ParamError(message="a function chain parameter is empty or nested too deep")
    if which == "array_value":
        return [_read_value(each, depth + 1) for each in message.array_value.values]
    if which == "object_value":
        return _read_params(message.object_value.fields, depth + 1)
    return getattr(message, which)
