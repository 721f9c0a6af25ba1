"""The emulated AWS (`ministack`) on a loopback port, with IAM enforced."""

import os
import secrets
import shutil
import socket
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3

from local.emulator_guard import HEALTH_PATH
from local.processes import ChildProcess

EMULATED_AWS = Path(__file__).with_name("emulated_aws.py")
REGION = "us-east-1"
STOP_SECONDS = 60
"""The time to write the state on a slow machine."""
SECRET_VARIABLE = "FRONT_SECRET"  # noqa: S105 - a name


def free_port() -> int:
    """Return a loopback port that is currently free."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class EmulatedAccount:
    """The emulated account of one run: its address and the credentials of its root user."""

    endpoint_url: str
    access_key_id: str
    secret_access_key: str
    front_secret: str
    """The front sends it in FRONT_HEADER, so that the guard accepts its requests from web pages."""

    def client(self, service: str) -> Any:
        """Return a boto3 client of the root user. It ignores this machine's AWS configuration."""
        return boto3.session.Session(
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            region_name=REGION,
        ).client(service, endpoint_url=self.endpoint_url)  # type: ignore[call-overload]

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that make an AWS tool call only the emulator."""
        return {
            **self._credentials,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": REGION,
            "SAM_CLI_TELEMETRY": "0",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    @property
    def _credentials(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}

    @property
    def server_environment(self) -> dict[str, str]:
        """The environment variables from which the emulator reads the account."""
        return {**self._credentials, SECRET_VARIABLE: self.front_secret}


class Emulator:
    """Runs an AWS account, `account`, while the context lasts. Its log is in `directory`.

    The context only starts the process. `wait_until_ready` returns when it serves requests. With `keep_state`, the
    account starts with the state in `directory`, unless `start_empty`. The state is written when the context ends, if
    `state_is_complete`, so that a failed or interrupted deployment leaves the old state.
    """

    state_is_complete = False

    def __init__(self, directory: Path, port: int = 0, *, keep_state: bool = False, start_empty: bool = False) -> None:
        self.port = port or free_port()
        self.account = EmulatedAccount(
            endpoint_url=f"http://127.0.0.1:{self.port}",
            access_key_id=f"LOCAL{secrets.token_hex(8).upper()}",
            secret_access_key=secrets.token_urlsafe(30),
            front_secret=secrets.token_urlsafe(30),
        )
        self.log_path = directory / "emulator.log"
        self._files = directory / "emulator"
        self._state = directory / "state"
        self._keep_state = keep_state
        self._start_empty = start_empty
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as resources:
            self._remove_files()
            self._files.mkdir(parents=True)
            resources.callback(self._remove_files)
            if self._keep_state and not self._start_empty and self._state.is_dir():
                shutil.copytree(self._state, self._working_state)
            resources.callback(self._write_state)
            self._process = resources.enter_context(
                ChildProcess(
                    "The emulated AWS",
                    [sys.executable, "-P", str(EMULATED_AWS)],
                    log_path=self.log_path,
                    environment=self._environment(),
                    directory=self._files,
                    stop_seconds=STOP_SECONDS,
                )
            )
            self._resources = resources.pop_all()
        return self

    def wait_until_ready(self) -> None:
        """Return when the account can be used. Raise LocalStackError if the emulator does not start."""
        self._process.wait_until(self._healthy, timeout_seconds=300)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def _environment(self) -> dict[str, str]:
        # Functions inherit it, so it contains nothing of this machine's own AWS configuration.
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
        return {
            **kept,
            **self.account.server_environment,
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",  # IoT and SFTP would listen on their own ports on every interface
            "SFTP_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            **({"PERSIST_STATE": "1", "STATE_DIR": str(self._working_state)} if self._keep_state else {}),
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(self._files),
        }

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.account.endpoint_url}{HEALTH_PATH}", timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    @property
    def _working_state(self) -> Path:
        return self._files / "state"

    def _write_state(self) -> None:
        if self._keep_state and self.state_is_complete:
            shutil.rmtree(self._state, ignore_errors=True)
            self._working_state.rename(self._state)

    def _remove_files(self) -> None:
        shutil.rmtree(self._files, ignore_errors=True)
