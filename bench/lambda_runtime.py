"""One cold start in Lambda's runtime interface client, under AWS's runtime interface emulator."""

import http.client
import re
import socket
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from bench.runtime_image import WORK, RuntimeImage
from local.errors import LocalStackError
from local.processes import ChildProcess

_INIT_REPORT = re.compile(rb"INIT REPORT\(durationMs: ([0-9.]+)\)")
_INIT_STATUS = re.compile(rb"INIT RTDONE\(status: (\w+)\)")

# Lambda sets the region and the keys. The proxies point to a closed port: clients are built as usual, but an AWS call
# of the handler reaches no server.
_NOWHERE = "http://127.0.0.1:9"
_ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_SESSION_TOKEN": "bench",
    "HTTP_PROXY": _NOWHERE,
    "HTTPS_PROXY": _NOWHERE,
    "LANG": "en_US.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "TZ": ":UTC",
    # Lambda mounts code and layers read-only, so that only the shipped bytecode exists.
    "PYTHONDONTWRITEBYTECODE": "1",
}


def init_millis(image: RuntimeImage, code: Path, handler: str, variables: Mapping[str, str]) -> float:
    """Return the milliseconds of one cold start until the runtime asks for its first event."""
    log = WORK / "emulator.log"
    interface, runtime_api = (f"127.0.0.1:{port}" for port in _free_ports(2))
    command = [
        str(image.emulator),
        *("--runtime-interface-emulator-address", interface),
        *("--runtime-api-address", runtime_api),
        *(str(image.python), "-m", "awslambdaric", handler),
    ]
    environment = {
        **_ENVIRONMENT,
        **variables,
        "LAMBDA_TASK_ROOT": str(code),
        "PYTHONPATH": f"{code}:{image.layers}",
    }
    with ChildProcess("the emulator", command, log_path=log, environment=environment, directory=code) as process:
        process.wait_until(lambda: _listens(interface), timeout_seconds=10)
        invocation = _invoke(interface)
        process.wait_until(lambda: _INIT_REPORT.search(log.read_bytes()) is not None, timeout_seconds=30)
        invocation.close()
    return _read_report(handler, log.read_bytes())


def _read_report(handler: str, log: bytes) -> float:
    status, report = _INIT_STATUS.search(log), _INIT_REPORT.search(log)
    if status is None or report is None or status[1] != b"success":
        raise LocalStackError(f"{handler} did not start:\n{log.decode(errors='replace')}")
    return float(report[1])


def _free_ports(count: int) -> list[int]:
    with closing(socket.socket()) as one, closing(socket.socket()) as other:
        sockets = (one, other)[:count]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _listens(address: str) -> bool:
    host, _, port = address.partition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False


def _invoke(address: str) -> http.client.HTTPConnection:
    """Send an invocation, which starts the runtime, and do not wait for its response."""
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("POST", "/2015-03-31/functions/function/invocations", body=b"{}")
    return connection
