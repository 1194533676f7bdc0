"""What binding a filter needs to know, and finding the field that a name means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.expr.diagnostics import Fault, did_you_mean
from aiomilvus.expr.tree import Name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiomilvus.expr.diagnostics import Plan
    from aiomilvus.expr.predicate import Bound
    from aiomilvus.expr.tree import Node
    from aiomilvus.model.schema import Field, Schema


class ElementScope:
    """The array whose elements a predicate is about; set within match functions.

    Attributes:
        function: The function's name, for errors.
        field: The ARRAY field, or the struct.
        is_struct: Whether elements have sub-fields, ``$[sub]``, or are values, ``$``.
        used: Names of the columns that hold the sub-fields used, filled while binding.
    """

    def __init__(self, function: str, field: str, *, is_struct: bool) -> None:
        self.function = function
        self.field = field
        self.is_struct = is_struct
        self.used: dict[str, None] = {}


class Scope:
    """What one filter is bound against.

    Attributes:
        text: The filter, for quoting parts of it in errors.
        zone: IANA time zone of moments without an offset.
        columns: Names of the columns used, filled while binding.
        element: Set while binding the predicate of a match function.
        bind: Binds a boolean node; breaks the circle between the binder's modules.
        plan: What the filter is for.
    """

    def __init__(
        self,
        text: str,
        schema: Schema,
        params: Mapping[str, object],
        zone: str,
        bind: Callable[[Scope, Node], Bound],
        plan: Plan = "query",
    ) -> None:
        self.text = text
        self.schema = schema
        self.params = params
        self.zone = zone
        self.columns: set[str] = set()
        self.element: ElementScope | None = None
        self.bind = bind
        self.plan = plan

    def source(self, node: Node) -> str:
        """Return what `node` was written as."""
        return self.text[node.start : node.end]

    def names(self) -> list[str]:
        """Return the names that a filter may use, for suggestions."""
        plain = [field.name for field in self.schema.fields if not field.struct]
        return plain + [struct.name for struct in self.schema.structs]

    def is_struct(self, name: str) -> bool:
        """Return whether `name` is an array of structs."""
        return any(struct.name == name for struct in self.schema.structs)

    def field(self, node: Node, name: str) -> Field | None:
        """Return the field called `name`, or None if it is a key of the dynamic field.

        Raises:
            Fault: Neither exists, or the name is ``null``.
        """
        found = self.schema.by_name.get(name)
        if found is not None:
            return found
        if name.lower() == "null":
            raise Fault(
                "NULL literal is not supported in expressions; use '<field> is null' or "
                "'<field> is not null' instead",
                node.start,
                node.end,
            )
        is_nothing = name.lower() in ("none", "nil")
        if self.schema.dynamic is None or self.is_struct(name) or is_nothing:
            hint = did_you_mean(name, self.names()) or f"if it is a text, quote it: '{name}'"
            if is_nothing:
                hint = "write: field is null, or field is not null"
            if self.is_struct(name):
                hint = f"{name} is an array of structs; name a sub-field: {name}[sub_field]"
            raise Fault(f"field {name} not exist", node.start, node.start + len(name), hint)
        return None

    def quoted(self, *nodes: Node) -> str:
        """Return a hint for the first bare word that is no field and may be a text, or ""."""
        words = [node.name for node in nodes if isinstance(node, Name)]
        found = next((word for word in words if word not in self.schema.by_name), "")
        return f"if it is a text, quote it: '{found}'" if found else ""

    def dynamic(self) -> Field:
        """Return the dynamic field, which the caller knows to exist."""
        dynamic = self.schema.dynamic
        if dynamic is None:
            raise LookupError("the schema has no dynamic field")
        self.columns.add(dynamic.name)
        return dynamic

    def sub_field(self, node: Node, struct: str, sub: str) -> Field:
        """Return the sub-field `sub` of the struct called `struct`.

        Raises:
            Fault: There is none.
        """
        name = f"{struct}[{sub}]"
        found = self.schema.by_name.get(name)
        if found is None:
            known = [f.name[len(struct) + 1 : -1] for f in self.schema.fields_of(struct)]
            raise Fault(f"field {name} not exist", node.start, node.end, did_you_mean(sub, known))
        return found
