"""Fast servers for deliveries, each in its own process: a receiver, and an AWS that stores items.

Run `python bench/fast_servers.py receiver` (or `aws`). The first line of output is the port. The AWS knows five calls:
DynamoDB's `PutItem` without its conditions, `BatchExecuteStatement`, which records attempts, and `BatchGetItem`, and
KMS's `Encrypt` and `Decrypt`. It stores everything except attempts, so that a run can repeat the same deliveries. `GET
/` returns the counts.
"""

import json
import socket
import subprocess
import sys
import threading
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Respond = Callable[[str, Mapping[str, str], bytes], bytes]
"""Returns the response body for a request's path, headers (names in lower case) and body."""

# With DynamoDB's checksum, which the SDK verifies.
_ANSWER_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-amz-crc32: %d\r\nContent-Length: %d\r\n\r\n"


class FastReceiver:
    """Answers every POST with 200. Reports the number of POSTs and the last one."""

    def __init__(self) -> None:
        self._posts = 0
        self._last: Mapping[str, Any] = {}

    def respond(self, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """Record a POST, or report all of them on `GET /`."""
        if not body:
            return json.dumps({"posts": self._posts, "last": self._last}).encode()
        self._posts += 1
        self._last = {"path": path, "headers": headers, "body": body.decode("latin-1")}
        return b'{"ok":true}'


class FastAws:
    """Stores items by table and primary key, without encryption. Counts the attempts."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str, str], Any] = {}
        self._attempts = 0

    def respond(self, path: str, headers: Mapping[str, str], body: bytes) -> bytes:  # noqa: ARG002  # one path
        """Answer one call, or report the attempts on `GET /`."""
        if not body:
            return json.dumps({"attempts": self._attempts}).encode()
        call: Callable[[Any], object] = getattr(self, "_" + headers["x-amz-target"].rpartition(".")[2])
        return json.dumps(call(json.loads(body))).encode()

    def _PutItem(self, asked: Any) -> object:  # noqa: N802  # AWS's names
        self._items[_place(asked["TableName"], asked["Item"])] = asked["Item"]
        return {}

    def _BatchExecuteStatement(self, asked: Any) -> object:  # noqa: N802
        self._attempts += len(asked["Statements"])
        return {"Responses": [{} for _ in asked["Statements"]]}

    def _BatchGetItem(self, asked: Any) -> object:  # noqa: N802
        found = {
            table: [self._items[place] for key in wanted["Keys"] if (place := _place(table, key)) in self._items]
            for table, wanted in asked["RequestItems"].items()
        }
        return {"Responses": found, "UnprocessedKeys": {}}

    def _Encrypt(self, asked: Any) -> object:  # noqa: N802
        return {"CiphertextBlob": asked["Plaintext"]}

    def _Decrypt(self, asked: Any) -> object:  # noqa: N802
        return {"Plaintext": asked["CiphertextBlob"]}


def _place(table: str, item: Any) -> tuple[str, str, str]:
    return table, item["pk"]["S"], item["sk"]["S"]


def serve(respond: Respond) -> None:
    """Print a free loopback port and answer requests on it until the process ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_answer_all, args=(connection, respond), daemon=True).start()


def _answer_all(connection: socket.socket, respond: Respond) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    received = b""
    while part := connection.recv(65536):
        received += part
        head, end, body = received.partition(b"\r\n\r\n")
        if not end:
            continue
        request, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if len(body) < int(headers.get("content-length", "0")):
            continue
        received = b""
        content = respond(request.split(" ")[1], headers, body)
        connection.sendall(_ANSWER_HEAD % (zlib.crc32(content), len(content)) + content)


@contextmanager
def fast_server(kind: str) -> Iterator[str]:
    """Run a server in its own process while the context lasts, and yield its URL without a path."""
    process = subprocess.Popen([sys.executable, "-I", __file__, kind], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.communicate()


def told_by(url: str) -> Any:
    """Read a server's report."""
    with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310  # http, as made above
        return json.load(response)


if __name__ == "__main__":
    serve(FastAws().respond if sys.argv[1] == "aws" else FastReceiver().respond)
