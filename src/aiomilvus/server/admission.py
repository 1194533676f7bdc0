"""Which calls may go on, so that a client with thousands of them holds up no other.

A call is admitted before its request is read, so that calls which wait take no memory for it.

gRPC hands calls over one by one, in the order in which they came: another client's call waits
behind all that came before it. So a client's second and further calls are not begun while more
are being handed over, which takes a fifth of the time that it takes to carry them out. (How many
one connection can have there is bounded: `STREAMS`.)

What is under way shares one loop and a few threads. A client has `MOST` calls there at a time,
among them searches that run as batches. While somebody else calls who has no more than `MODEST`
at a time himself, it has `FEW`, so that his calls meet so many at most, and `FEW_WRITES` that write
rows, which wait for the disk more than for anything else, and share what they wait for. A call
that takes longer than `SLOW` has a thread by then, and another one may go on beside it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

STREAMS = 100
"""Calls of one connection that gRPC takes; its other side keeps the next ones."""
MOST = 64
"""Calls of one client that are carried out at a time, of those that write rows and of others."""
FEW, FEW_WRITES = 2, 16
"""The same, of others and of writes, while somebody calls who has few calls at a time."""
MODEST = 4
"""Calls of one client that count as few."""
RECENT = 5.0
"""Seconds for which is remembered who called, and who had more than few calls."""
SLOW = 0.05
"""Seconds after which a call that is carried out holds back no other one of its client."""
QUIET = 6
"""Turns of the loop without another call from which on none is being handed over."""
LONGEST = 500
"""Turns of the loop for which calls are held back at most."""
_FORGOTTEN_FROM = 256
"""Clients from which on those are forgotten that have no calls."""
_LONG_AGO = float("-inf")


class _Lane:
    """Calls of one client that wait for each other: which are carried out, and which wait."""

    __slots__ = ("few", "running", "timer", "waiting")

    def __init__(self, few: int) -> None:
        self.few = few
        self.running: dict[Call, float] = {}
        """When each was begun, in this order."""
        self.waiting: deque[tuple[Call, asyncio.Future[None]]] = deque()
        self.timer: asyncio.TimerHandle | None = None

    def slow(self, now: float) -> int:
        """Return how many calls are carried out that hold back no other one."""
        count = 0
        for begun in self.running.values():
            if now - begun < SLOW:
                break
            count += 1
        return count


class Client:
    """The calls of one client.

    Attributes:
        calls: How many there are: not yet begun, carried out, or being answered.
        crowded: When there last were more than `MODEST`.
        lanes: Those that write rows last, others first.
    """

    __slots__ = ("calls", "crowded", "lanes")

    def __init__(self) -> None:
        self.calls = 0
        self.crowded = _LONG_AGO
        self.lanes = _Lane(FEW), _Lane(FEW_WRITES)


class Call:
    """One call, from when it came until its reply is sent.

    Args:
        client: Whose it is.
        lane: Which others it waits for.
    """

    __slots__ = ("client", "lane")

    def __init__(self, client: Client, lane: _Lane) -> None:
        self.client = client
        self.lane = lane


class Admission:
    """Lets calls go on, in turn; belongs to one event loop.

    Each call is counted from `came` to `gone`, and carried out between `enter` and `leave`.

    Args:
        clock: Tells seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._clients: dict[str, Client] = {}
        self._modest: dict[Client, float] = {}
        """When clients that have few calls at a time called last, the latest at the end."""
        self._due: dict[_Lane, None] = {}
        """Lanes in which calls may go on after the next `_look`, in turn."""
        self._quiet = 0
        self._held = 0

    def came(self, name: str, *, writes: bool = False, introduces: bool = False) -> Call:
        """Count a call; `gone` must follow, once its reply is sent.

        Args:
            name: Who calls.
            writes: Whether it writes rows.
            introduces: Whether it is a client's first, which has another name from then on.
        """
        client = self._clients.get(name)
        if client is None:
            client = self._new(name)
        client.calls += 1
        if not introduces:
            self._note(client, self._clock())
        return Call(client, client.lanes[writes])

    def gone(self, call: Call) -> None:
        """Count a call no more."""
        call.client.calls -= 1

    async def enter(self, call: Call) -> None:
        """Wait until a call may go on; `leave` must follow."""
        lane = call.lane
        if call.client.calls == 1:
            lane.running[call] = self._clock()
            return
        turn = asyncio.get_running_loop().create_future()
        lane.waiting.append((call, turn))
        self._quiet = 0
        self._plan(lane)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.leave(call)  # the place was given, but is not taken any more
            raise

    def leave(self, call: Call) -> None:
        """Let the next calls of the client go on."""
        lane = call.lane
        del lane.running[call]
        if lane.waiting:
            self._plan(lane)

    def _note(self, client: Client, now: float) -> None:
        """Note whether a client that calls has few calls at a time."""
        self._modest.pop(client, None)
        if client.calls > MODEST:
            client.crowded = now
        elif now - client.crowded >= RECENT:
            self._modest[client] = now
        while self._modest and now - next(iter(self._modest.values())) >= RECENT:
            del self._modest[next(iter(self._modest))]

    def _new(self, name: str) -> Client:
        if len(self._clients) >= _FORGOTTEN_FROM:
            self._clients = {name: each for name, each in self._clients.items() if each.calls}
        client = self._clients[name] = Client()
        return client

    def _plan(self, lane: _Lane) -> None:
        """Let calls of a lane go on once no more calls are being handed over."""
        if not self._due:
            self._held = 0
            asyncio.get_running_loop().call_soon(self._look)
        self._due[lane] = None

    def _look(self) -> None:
        """Let calls go on, unless another one may be about to be handed over."""
        self._quiet += 1
        self._held += 1
        if self._quiet <= QUIET and self._held < LONGEST:
            asyncio.get_running_loop().call_soon(self._look)
            return
        due, self._due = self._due, {}
        for lane in due:
            self._begin(lane)

    def _begin(self, lane: _Lane) -> None:
        """Let as many calls of a lane go on as may be carried out at a time."""
        if not lane.waiting:
            return
        now = self._clock()
        most = MOST
        # Who has few calls himself is what the others are held back for.
        is_modest = lane.waiting[0][0].client in self._modest
        if not is_modest and now - next(reversed(self._modest.values()), _LONG_AGO) < RECENT:
            most = min(MOST, lane.few + lane.slow(now))
        while lane.waiting and len(lane.running) < most:
            call, turn = lane.waiting.popleft()
            if not turn.done():
                lane.running[call] = now
                turn.set_result(None)
        if lane.waiting and lane.timer is None:
            lane.timer = asyncio.get_running_loop().call_later(SLOW, self._again, lane)

    def _again(self, lane: _Lane) -> None:
        """Look whether calls of a lane have been carried out for long."""
        lane.timer = None
        if lane.waiting:
            self._plan(lane)
