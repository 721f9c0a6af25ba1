"""Stores open connections between calls. It limits their number and their idle time."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from latchhook.transport.guarded_connection import GuardedConnection

# Node and Apache close connections that were idle for 5 s. Latchhook closes them earlier. A request that is sent while
# the receiver closes is a failed attempt, because it is unknown whether the receiver processed it.
MAX_IDLE_SECONDS = 4.0

Origin = tuple[str, str, int]
"""Scheme, host and port."""


@dataclass(frozen=True, slots=True)
class _Idle:
    connection: GuardedConnection
    since: float


class IdleConnections:
    """A bounded, thread-safe store of open connections by origin.

    `clock` is wall time in seconds, because the monotonic clock of a frozen Lambda environment may stop while receivers
    close their connections. If the wall clock jumps forwards or backwards, connections are closed. That costs only a
    new handshake.
    """

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._by_origin: OrderedDict[Origin, list[_Idle]] = OrderedDict()  # longest unused origin first
        self._count = 0

    def take(self, origin: Origin) -> GuardedConnection | None:
        """Remove and return the most recently used open connection to `origin`, or None."""
        while True:
            with self._lock:
                idle = self._pop(origin)
            if idle is None:
                return None
            # A readable idle socket was closed by the receiver, or has received unrequested bytes.
            if self._is_fresh(idle) and idle.connection.is_connected:
                return idle.connection
            idle.connection.close()

    def put(self, origin: Origin, connection: GuardedConnection) -> None:
        """Keep a connection whose last response was read to its end."""
        with self._lock:
            self._by_origin.setdefault(origin, []).append(_Idle(connection, self._clock()))
            self._by_origin.move_to_end(origin)
            self._count += 1
            surplus = self._drop_surplus()
        for idle in surplus:
            idle.connection.close()

    def close(self) -> None:
        """Close all kept connections."""
        with self._lock:
            kept = [idle for origin in self._by_origin.values() for idle in origin]
            self._by_origin.clear()
            self._count = 0
        for idle in kept:
            idle.connection.close()

    def _is_fresh(self, idle: _Idle) -> bool:
        return 0 <= self._clock() - idle.since < MAX_IDLE_SECONDS

    def _pop(self, origin: Origin, position: int = -1) -> _Idle | None:
        kept = self._by_origin.get(origin)
        if not kept:
            return None
        idle = kept.pop(position)
        self._count -= 1
        if not kept:
            del self._by_origin[origin]
        return idle

    def _drop_surplus(self) -> list[_Idle]:
        """Remove and return expired connections and those over the limit, from the longest unused origin on."""
        surplus: list[_Idle] = []
        while self._by_origin:
            origin, kept = next(iter(self._by_origin.items()))
            if self._count <= self._most and self._is_fresh(kept[0]):
                break
            idle = self._pop(origin, 0)
            if idle is not None:
                surplus.append(idle)
        return surplus
