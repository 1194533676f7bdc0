"""Resource groups, and in which of them the one node lives.

Immutable: a change makes new ones. The node goes where the configurations ask for it, by the rules
of Milvus: a group that lacks nodes it requests takes them from one that has more than it requests,
and a group with more nodes than its limit gives them away.
"""

from __future__ import annotations

import msgspec

DEFAULT_RESOURCE_GROUP = "__default_resource_group"
DEFAULT_CAPACITY = 1_000_000
"""Nodes that the default group may have at most."""
_PREFERRED = 100_000
"""How much more speaks for a group that another one names in `transfer_to`."""


class ResourceGroupConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How many nodes a resource group has, and where they come from.

    Attributes:
        requests: Nodes it should have at least; None if that was not told.
        limits: Nodes it may have at most; None if that was not told.
        transfer_from: Groups that missing nodes are taken from first.
        transfer_to: Groups that nodes too many are given to first.
        node_labels: Labels that its nodes must bear.
    """

    requests: int | None = None
    limits: int | None = None
    transfer_from: tuple[str, ...] = ()
    transfer_to: tuple[str, ...] = ()
    node_labels: tuple[tuple[str, str], ...] = ()


NO_NODES = ResourceGroupConfig(requests=0, limits=0)
"""What a group has that was made without a configuration."""
_DEFAULT = ResourceGroupConfig(requests=0, limits=DEFAULT_CAPACITY)


class ResourceGroups(msgspec.Struct, frozen=True, kw_only=True):
    """All resource groups of a database directory.

    Attributes:
        configs: By name, in the order of their making.
        home: The group that the one node belongs to.
    """

    configs: dict[str, ResourceGroupConfig] = msgspec.field(
        default_factory=lambda: {DEFAULT_RESOURCE_GROUP: _DEFAULT}
    )
    home: str = DEFAULT_RESOURCE_GROUP

    def nodes(self, name: str) -> int:
        """Return how many nodes a group has: 0 or 1."""
        return int(name == self.home)

    def with_configs(self, configs: dict[str, ResourceGroupConfig]) -> ResourceGroups:
        """Return these groups with some added or changed, and the node where it belongs then."""
        return ResourceGroups(configs={**self.configs, **configs}, home=self.home).settled()

    def without(self, name: str) -> ResourceGroups:
        """Return these groups without one that has no node."""
        kept = {other: config for other, config in self.configs.items() if other != name}
        return ResourceGroups(configs=kept, home=self.home)

    def settled(self) -> ResourceGroups:
        """Return these groups with the node where their configurations ask for it."""
        home = self._needs_node() or self._takes_what_is_too_much() or self.home
        return msgspec.structs.replace(self, home=home)

    def _accepts(self, name: str) -> bool:
        """Return whether the node, which bears no label, may be in a group."""
        return name == DEFAULT_RESOURCE_GROUP or not self.configs[name].node_labels

    def _requests(self, name: str) -> int:
        return self.configs[name].requests or 0

    def _room(self, name: str) -> int:
        return max((self.configs[name].limits or 0) - self.nodes(name), 0)

    def _is_misplaced(self) -> bool:
        return not self._accepts(self.home)

    def _needs_node(self) -> str:
        """Return the group that lacks the node most and may have it, "" if there is none."""
        if self._requests(self.home) >= 1 and not self._is_misplaced():
            return ""
        others = [name for name in self.configs if name != self.home and self._accepts(name)]
        return max(
            (name for name in others if self._requests(name)), key=self._requests, default=""
        )

    def _takes_what_is_too_much(self) -> str:
        """Return the group that the node goes to if its own has one too many, "" if it stays."""
        if (self.configs[self.home].limits or 0) >= 1 and not self._is_misplaced():
            return ""
        others = [name for name in self.configs if name != self.home and self._accepts(name)]
        roomy = max((name for name in others if self._room(name)), key=self._weight, default="")
        return roomy or DEFAULT_RESOURCE_GROUP

    def _weight(self, name: str) -> int:
        """Return how much speaks for moving the node to a group."""
        preferred = name in self.configs[self.home].transfer_to
        return self._room(name) * (_PREFERRED if preferred else 1)
