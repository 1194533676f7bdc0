"""What resource groups must fulfil, in the words of Milvus."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from aiomilvus.engine.names import fault_of_name
from aiomilvus.errors import ParamError, ResourceGroupIllegalError, ResourceGroupNodesError
from aiomilvus.model.resource_groups import DEFAULT_RESOURCE_GROUP

if TYPE_CHECKING:
    from aiomilvus.model.resource_groups import ResourceGroupConfig, ResourceGroups


def check_resource_group_name(name: str) -> None:
    """Raise ParamError unless `name` follows the rules for resource groups."""
    what = "resource group name"
    if not name:
        raise ParamError(message=f"{what} couldn't be empty: invalid parameter")
    fault = fault_of_name(name, what)
    if fault:
        raise ParamError(message=f"Invalid {what} {name}. {fault}: invalid parameter")


def check_group_config(name: str, config: ResourceGroupConfig, groups: ResourceGroups) -> None:
    """Refuse a configuration that Milvus refuses.

    Raises:
        ResourceGroupIllegalError: It lacks a number, a number is wrong, or it names a group for
            transfers that does not exist or is `name` itself.
    """
    if config.requests is None or config.limits is None:
        _refuse_config(name, config, "requests or limits is required")
    if config.requests < 0 or config.limits < 0:
        reason = "node num in `requests` or `limits` should not less than 0"
        _refuse_config(name, config, reason)
    if config.limits < config.requests:
        _refuse_config(name, config, "limits node num should not less than requests node num")
    transfers = (("TransferFrom", config.transfer_from), ("TransferTo", config.transfer_to))
    for what, others in transfers:
        for other in others:
            if other == name:
                reason = f"resource group in `{what}` {name} should not be itself"
                _refuse_config(name, config, reason)
            if other not in groups.configs:
                _refuse_config(name, config, f"resource group in `{what}` {other} not exist")


def _refuse_config(name: str, config: ResourceGroupConfig, reason: str) -> NoReturn:
    told = f"requests:{config.requests}, limits:{config.limits}"
    message = f"{reason}: resource group illegal config[rg={name}][config={told}]"
    raise ResourceGroupIllegalError(message=message)


def check_droppable(name: str, groups: ResourceGroups) -> None:
    """Raise ParamError if a resource group must not be dropped."""
    if name == DEFAULT_RESOURCE_GROUP:
        _refuse("default resource group is not deletable", "not default resource group", name)
    if groups.configs[name].limits:
        _refuse("resource group's limits node num is not 0", "not empty resource group", name)
    for other, config in groups.configs.items():
        transfers = (("TransferFrom", config.transfer_from), ("TransferTo", config.transfer_to))
        for what, named in transfers:
            if name in named:
                reason = (
                    f"resource group {name} is used by {other}'s `{what}`, "
                    "remove that configuration first"
                )
                _refuse(reason, f"not `{what}` of resource group", name)


def _refuse(reason: str, expected: str, actual: str) -> NoReturn:
    message = f"{reason}: invalid parameter[expected={expected}][actual={actual}]"
    raise ParamError(message=message)


def stored_group(name: str) -> str:
    """Return a resource group as the catalog tells it of a collection: the default one is ""."""
    return "" if name == DEFAULT_RESOURCE_GROUP else name


def too_few_nodes(groups: ResourceGroups, name: str, wanted: int) -> ResourceGroupNodesError:
    """Return the refusal of what needs more nodes than a group has."""
    found = groups.nodes(name)
    return ResourceGroupNodesError(
        message=f"resource group node not enough[rg={name}][currentNodeNum={found}]"
        f"[expectedNodeNum={wanted}]"
    )
