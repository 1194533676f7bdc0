"""The topology of a global cluster: which clusters there are, and which of them takes writes.

It is read from ``<endpoint>/global-cluster/topology``, an address of HTTP, and says

    {"code": 0, "data": {"version": "12", "clusters": [
        {"clusterId": "a", "endpoint": "https://…", "capability": 3}]}}

where the capability's first bit stands for reading and the second for writing. The cluster that
takes writes is the primary. Nothing here knows an event loop: `ask` blocks.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from aiomilvus.client.address import GLOBAL
from aiomilvus.errors import ConnectError, MilvusException, NotAuthenticatedError

if TYPE_CHECKING:
    from aiomilvus.client.backends.remote.target import Target

_WRITABLE = 0b10
_LARGEST = 1 << 20
_FAILED = 300
_REFUSED = (401, 403)
_TOO_MANY, _LATE = 429, 408


class Member(msgspec.Struct, frozen=True, rename={"cluster_id": "clusterId"}):
    """A cluster of a global one.

    Attributes:
        cluster_id: Its name, which `session` takes.
        endpoint: Where it is, a URI or ``host:port`` that speaks TLS.
        capability: Bits: 1 reads, 2 writes.
    """

    cluster_id: str
    endpoint: str
    capability: int

    @property
    def uri(self) -> str:
        """The endpoint as a URI."""
        return self.endpoint if "://" in self.endpoint else f"https://{self.endpoint}"


class Topology(msgspec.Struct, frozen=True):
    """The clusters, in a version that counts up."""

    version: int
    clusters: tuple[Member, ...]

    @property
    def primary(self) -> Member:
        """The cluster that takes writes.

        Raises:
            ConnectError: None does.
        """
        for each in self.clusters:
            if each.capability & _WRITABLE:
                return each
        names = [each.cluster_id for each in self.clusters]
        raise ConnectError(
            message=f"No primary cluster found in topology version {self.version}: none of "
            f"{names} takes writes"
        )


class TryLaterError(Exception):
    """The topology could not be had now."""


class _Reply(msgspec.Struct):
    code: int = 0
    message: str = ""
    data: Topology | None = None


def topology_url(uri: str) -> str:
    """Return where the topology of the global cluster at `uri` is told."""
    if "://" not in uri:
        uri = f"https://{uri}"
    parts = urlsplit(uri)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}/{GLOBAL}/topology"


def refuse_unsafe(url: str, member: Member, target: Target) -> None:
    """Raise unless the token may go where a topology sends it.

    Args:
        url: Where the topology was told.
        member: The cluster it names.
        target: What the client would connect to.

    Raises:
        ConnectError: It would go unencrypted though the topology came encrypted, or into a socket
            of this machine, about which a service elsewhere has nothing to say.
    """
    if target.address.startswith("unix:"):
        cause = "a socket of this machine"
    elif url.startswith("https://") and not target.secure:
        cause = "which has no TLS, while the topology was asked for with it; it should be https://"
    else:
        return
    raise ConnectError(
        message=f"the topology at {url} names {member.endpoint!r:.200} for cluster "
        f"{member.cluster_id!r:.100}, {cause}: the client does not connect to it"
    )


def read_topology(content: bytes) -> Topology:
    """Return the topology that a reply tells.

    Raises:
        TryLaterError: It is none.
        MilvusException: The service refuses, and says why.
    """
    try:
        reply = msgspec.json.decode(content, type=_Reply, strict=False)
    except msgspec.DecodeError as error:
        shown = content[:200].decode(errors="replace")
        raise TryLaterError(f"the reply is no topology: {error}: {shown}") from None
    if reply.code:
        text = reply.message or "Unknown API error"
        raise MilvusException(reply.code, f"the topology service refused: {text}")
    if reply.data is None:
        raise TryLaterError("the reply has no data")
    return reply.data


def ask(url: str, token: str, ca: bytes | None, timeout: float) -> Topology:
    """Ask for the topology once, and wait for it.

    Args:
        url: Where.
        token: As whom, "" for nobody.
        ca: Certificates to trust, as PEM; None for the system's.
        timeout: Seconds for the whole reply; connecting and TLS may each take as much once more.

    Raises:
        TryLaterError: The service can't be reached, or has trouble.
        NotAuthenticatedError: It does not accept the token.
        MilvusException: It refuses for another reason.
    """
    from aiomilvus.client.backends.remote import topology_http  # noqa: PLC0415 - loads HTTP

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        trust = _trust(url, ca)
        status, content = topology_http.fetch(url, headers, trust, timeout, _LARGEST)
    except (OSError, topology_http.HTTPException) as failure:  # URLError is an OSError
        raise TryLaterError(str(getattr(failure, "reason", failure))) from None
    except ValueError:  # its words hold the token
        raise NotAuthenticatedError(message="no HTTP header can hold the token") from None
    if status >= _FAILED:
        raise _refusal(status, content[:200].decode(errors="replace"))
    return read_topology(content)


def _trust(url: str, ca: bytes | None) -> ssl.SSLContext | None:
    if not url.startswith("https://"):
        return None
    return ssl.create_default_context(cadata=ca.decode() if ca else None)


def _refusal(code: int, text: str) -> Exception:
    """Return the error that an HTTP status stands for."""
    message = f"Topology request failed with status {code}: {text}"
    if code in _REFUSED:
        return NotAuthenticatedError(message=message)
    is_final = 400 <= code < 500 and code not in (_TOO_MANY, _LATE)
    return MilvusException(message=message) if is_final else TryLaterError(message)
