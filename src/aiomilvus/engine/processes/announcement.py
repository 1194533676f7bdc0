"""Where a directory's leader is reached: a file that the leader writes and followers read."""

from __future__ import annotations

import hmac
import os
import secrets
import socket
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.processes.messages import PROTOCOL, exactly
from aiomilvus.errors import StorageError
from aiomilvus.native import machine_name
from aiomilvus.version import __version__

if TYPE_CHECKING:
    from aiomilvus.engine.storage.files import FileSystem

NAME = "leader.json"
SOCKET = "leader.sock"
_LONGEST = 100
"""Bytes of a path that every system takes for a socket."""
_NONCE = 32
_LOOK_SECONDS = 0.1
_UNIX: int = getattr(socket, "AF_UNIX", 0)


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """What a leader tells of itself.

    Attributes:
        pid: Its process.
        epoch: What the commit board has while it leads.
        version: Of the package.
        protocol: Of the messages.
        machine: Names the machine since it was started: only there memory can be shared.
        address: Path of a Unix socket, or ``host:port``.
        secret: What both ends prove to know.
    """

    pid: int
    epoch: int
    version: str
    protocol: int
    machine: str
    address: str
    secret: str


def announce(files: FileSystem, folder: Path, epoch: int, address: str) -> Announcement:
    """Write the file that tells where this process listens, readable by its user only."""
    told = Announcement(
        pid=os.getpid(),
        epoch=epoch,
        version=__version__,
        protocol=PROTOCOL,
        machine=machine_name(),
        address=address,
        secret=secrets.token_hex(_NONCE),
    )
    files.write_private(folder / NAME, msgspec.json.encode(told))
    return told


def announced(files: FileSystem, folder: Path) -> Announcement | None:
    """Return what the leader tells, None while there is none."""
    try:
        return msgspec.json.decode(files.read(folder / NAME), type=Announcement)
    except (OSError, msgspec.MsgspecError):
        return None


def is_left_behind(files: FileSystem, folder: Path) -> bool:
    """Return whether a leader died here: it is announced, but nobody listens any more."""
    told = announced(files, folder)
    if told is None:
        return False
    try:
        connect(told.address, _LOOK_SECONDS).close()
    except OSError:
        return True
    return False


def check_compatible(told: Announcement, folder: Path) -> None:
    """Raise StorageError unless this process can follow the leader.

    Raises:
        StorageError: The leader is of another version, or on another machine.
    """
    if told.protocol != PROTOCOL or told.version != __version__:
        raise StorageError(
            message=f"{folder} is open in process {told.pid} by aiomilvus {told.version} (protocol "
            f"{told.protocol}), and this is {__version__} ({PROTOCOL}): processes that share a "
            "directory must have the same version"
        )
    if told.machine != machine_name():
        raise StorageError(
            message=f"{folder} is open on another machine, in process {told.pid}: processes share "
            "a directory on one machine only; elsewhere serve it with `aiomilvus serve` and connect"
        )


def listening_socket(files: FileSystem, folder: Path) -> tuple[socket.socket, str]:
    """Return a socket that followers on this machine reach, and its address."""
    if not hasattr(socket, "AF_UNIX"):
        channel = socket.create_server(("127.0.0.1", 0))
        return channel, f"127.0.0.1:{channel.getsockname()[1]}"
    path = folder / SOCKET
    bound = _bound(files, path) if len(str(path).encode()) <= _LONGEST else None
    if bound is None:
        # The folder is made for this process alone, so nobody else's socket can be in the way.
        path = files.private_folder() / SOCKET
        bound = _bound(files, path)
    if bound is None:
        message = f"{folder}: no socket can be made, there or at {path}, for other processes"
        raise StorageError(message=message)
    return bound, str(path)


def _bound(files: FileSystem, path: Path) -> socket.socket | None:
    """Return a socket that listens at a path, None where the file system has no sockets."""
    channel = socket.socket(_UNIX, socket.SOCK_STREAM)
    try:
        files.unlink(path)
        channel.bind(str(path))
        channel.listen(128)
    except OSError:
        channel.close()
        return None
    return channel


def remove_socket(files: FileSystem, folder: Path, address: str) -> None:
    """Remove what `listening_socket` made for a directory, once nobody listens there."""
    path = Path(address)
    if path.name == SOCKET:
        files.unlink(path)
        if path.parent != folder:
            files.remove_empty(path.parent)


def connect(address: str, timeout: float) -> socket.socket:
    """Return a channel to a leader's address.

    Raises:
        OSError: Nobody listens there.
    """
    if hasattr(socket, "AF_UNIX") and address.startswith("/"):
        channel = socket.socket(_UNIX, socket.SOCK_STREAM)
        channel.settimeout(timeout)
        try:
            channel.connect(address)
        except OSError:
            channel.close()
            raise
        return channel
    host, _, port = address.rpartition(":")
    channel = socket.create_connection((host, int(port)), timeout)
    channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return channel


def prove(channel: socket.socket, secret: str, *, first: bool) -> bool:
    """Let both ends of a channel prove that they know the secret, without telling it.

    Args:
        channel: A new channel.
        secret: The leader's.
        first: Whether this end is the one that connected; the two ends prove in turn, by proofs
            that differ, so that neither can be answered with its own.

    Returns:
        Whether the other end knows the secret.
    """
    own, mine, other = secrets.token_bytes(_NONCE), *((b"1", b"2") if first else (b"2", b"1"))
    channel.sendall(own)
    theirs = exactly(channel, _NONCE)
    channel.sendall(_proof(secret, mine, theirs))
    return hmac.compare_digest(exactly(channel, sha256().digest_size), _proof(secret, other, own))


def _proof(secret: str, role: bytes, nonce: bytes | bytearray) -> bytes:
    return hmac.digest(secret.encode(), role + bytes(nonce), "sha256")
