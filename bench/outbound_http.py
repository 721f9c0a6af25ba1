"""POSTs per second of `OutboundHttp` and of a bare `requests.Session`, to one fast receiver in another process.

Run `PYTHONPATH=layers/core python bench/outbound_http.py`. The two alternate within one run, because a shared machine's
speed changes from second to second. Compare only medians of the same run.
"""

import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from latchhook.transport.outbound_http import OutboundHttp

ROUNDS = 11
POSTS_PER_ROUND = 400
BAR = 0.8
BODY = b'{"event":"order.created","entity":"%b"}' % (b"x" * 980)
HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": "Latchhook",
    "X-Latchhook-Signature": "sha256=" + "a" * 64,
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" + b'{"ok":true}'


def receive() -> None:
    """Print a port and answer every POST on it immediately, until the process ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_answer_all, args=(connection,), daemon=True).start()


def _answer_all(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    received = b""
    while part := connection.recv(65536):
        received += part
        if received.endswith(BODY):
            received = b""
            connection.sendall(ANSWER)


def posts_per_second(post: Callable[[], object], threads: ThreadPoolExecutor, count: int) -> float:
    """Send `count` POSTs with the threads, and return their rate."""
    began = time.perf_counter()
    for done in [threads.submit(post) for _ in range(count)]:
        done.result()
    return count / (time.perf_counter() - began)


def compare(url: str, thread_count: int) -> tuple[float, float]:
    """Return the medians of both with `thread_count` threads, in POSTs per second."""
    ours = OutboundHttp(timeout_seconds=15, allow_insecure=True)
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=thread_count))

    def post_by_ours() -> None:
        assert ours.post(url, headers=HEADERS, body=BODY).status == 200

    def post_by_requests() -> None:
        assert session.post(url, headers=HEADERS, data=BODY, timeout=15).status_code == 200

    speeds: dict[Callable[[], None], list[float]] = {post_by_ours: [], post_by_requests: []}
    with ThreadPoolExecutor(thread_count) as threads:
        for _ in range(ROUNDS):
            for post, measured in speeds.items():
                measured.append(posts_per_second(post, threads, POSTS_PER_ROUND))
    ours.close()
    session.close()
    return statistics.median(speeds[post_by_ours]), statistics.median(speeds[post_by_requests])


def measure() -> dict[int, tuple[float, float]]:
    """Return the medians of both by number of threads."""
    receiver = subprocess.Popen([sys.executable, __file__, "receive"], stdout=subprocess.PIPE, text=True)
    try:
        assert receiver.stdout is not None
        url = f"http://127.0.0.1:{receiver.stdout.readline().strip()}/hook"
        return {thread_count: compare(url, thread_count) for thread_count in (1, 10)}
    finally:
        receiver.kill()
        receiver.wait()


def main() -> int:
    """Print the table. The exit code is 0 if the ratios are within the bar, and 1 otherwise."""
    print(f"{'threads':>8}{'OutboundHttp':>15}{'requests':>12}{'ratio':>8}   POSTs/s, bar {BAR}")
    measured = measure()
    for thread_count, (ours, theirs) in measured.items():
        print(f"{thread_count:>8}{ours:>15,.0f}{theirs:>12,.0f}{ours / theirs:>8.2f}")
    return 0 if all(ours / theirs >= BAR for ours, theirs in measured.values()) else 1


if __name__ == "__main__":
    if sys.argv[1:] == ["receive"]:
        receive()
    sys.exit(main())
