"""The emulated AWS (`ministack`), IAM enforced, on a port of the loopback interface."""

import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3

from local.processes import ChildProcess

EMULATED_AWS = Path(__file__).with_name("emulated_aws.py")
REGION = "us-east-1"
ROOT_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def free_port() -> int:
    """A loopback port that nothing listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def client(service: str, endpoint_url: str) -> Any:
    """A boto3 client of the emulator's root user, whatever AWS configuration this machine has."""
    return boto3.session.Session(
        aws_access_key_id=ROOT_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    ).client(service, endpoint_url=endpoint_url)  # type: ignore[call-overload]


def aws_environment(endpoint_url: str) -> dict[str, str]:
    """The variables that make any AWS tool talk to the emulator, and only to it."""
    return {
        **ROOT_CREDENTIALS,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


class Emulator:
    """An empty AWS account at `endpoint_url` while the context lasts; with its log in `directory`."""

    def __init__(self, directory: Path, port: int = 0) -> None:
        self.port = port or free_port()
        self.endpoint_url = f"http://127.0.0.1:{self.port}"
        self.log_path = directory / "emulator.log"
        self._files = directory / "emulator"
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as resources:
            self._remove_files()
            self._files.mkdir(parents=True)
            resources.callback(self._remove_files)
            process = resources.enter_context(
                ChildProcess(
                    "The emulated AWS",
                    [sys.executable, "-P", str(EMULATED_AWS)],
                    log_path=self.log_path,
                    environment=self._environment(),
                    directory=self._files,
                )
            )
            process.wait_until(self._healthy, timeout_seconds=60)
            self._resources = resources.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def _environment(self) -> dict[str, str]:
        # Functions inherit it, so it holds nothing of this machine's own AWS configuration.
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
        return {
            **kept,
            **ROOT_CREDENTIALS,
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",  # it and SFTP would listen on ports of their own, on every interface
            "SFTP_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(self._files),
        }

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint_url}/_ministack/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _remove_files(self) -> None:
        shutil.rmtree(self._files, ignore_errors=True)
