"""Makes an environment with exactly the packages of a lock file. It uses the standard library only.

`python local/install.py` makes `.venv` from requirements/dev.txt. `python local/install.py .venv-docs docs.txt` makes
the environment of the docs site. uv installs the packages in seconds. pip does the same in twenty times as long if uv
is not available or fails. The output of both installers goes to install.log in the environment.
"""

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
INSTALLER = REQUIREMENTS / "uv.txt"

# Both files are complete locks with hashes. The installer resolves nothing and installs only locked packages.
LOCKED = ["--require-hashes", "--no-deps"]
# Compiling all modules takes pip a minute. Python compiles the few that are imported.
PIP = [
    "-m",
    "pip",
    "install",
    *LOCKED,
    "--no-compile",
    "--no-input",
    "--disable-pip-version-check",
    "--progress-bar=off",
]


@dataclass(frozen=True)
class Environment:
    """A virtual environment and its lock file."""

    directory: Path
    lock: Path

    @property
    def python(self) -> str:
        """The environment's Python."""
        return str(self.directory / "bin" / "python")

    @property
    def log(self) -> Path:
        """The output of the installers."""
        return self.directory / "install.log"


def main(directory: str = ".venv", lock: str = "dev.txt") -> None:
    """Replace the environment, so that it contains nothing else. Exit with one sentence if that fails."""
    environment = Environment(ROOT / directory, REQUIREMENTS / lock)
    show(f"Making {directory}")
    try:
        venv.create(environment.directory, clear=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError):
        sys.exit(f"\n{sys.executable} can't make a virtual environment. On Debian and Ubuntu, install python3-venv.")
    with environment.log.open("w") as log:
        if not (install_with_uv(environment, log) or install_with_pip(environment, log)):
            sys.exit(f"\nInstalling the Python packages failed. The reason is in {environment.log}.")
    show("")
    print(f"✓ Installed the Python packages into {directory}")


def install_with_uv(environment: Environment, log: TextIO) -> bool:
    """Install uv, then all packages with it.

    Return whether both succeeded. uv does not read pip's own configuration.
    """
    show("Downloading Python packages")
    python = environment.python
    uv = [str(environment.directory / "bin" / "uv"), "pip", "install", "--python", python]
    uv += ["--system-certs", "--no-progress", *LOCKED, "-r", str(environment.lock)]
    return run([python, *PIP, "-r", str(INSTALLER)], log) and run(uv, log)


def run(command: list[str], log: TextIO) -> bool:
    """Run an installer. Return whether it succeeded."""
    return subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode == 0


def install_with_pip(environment: Environment, log: TextIO) -> bool:
    """Install all packages with pip and show the count. Return whether it succeeded."""
    total = sum(line[:1].isalpha() for line in environment.lock.read_text().splitlines())
    command = [environment.python, *PIP, "-r", str(environment.lock)]
    collected = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None  # noqa: S101 - asked for above
        for line in pip.stdout:
            log.write(line)
            if line.startswith("Collecting "):
                collected += 1
                show(f"Downloading Python packages: {collected} of {total}")
            elif line.startswith("Installing collected packages"):
                show(f"Unpacking {collected} Python packages")
    return pip.returncode == 0


def show(text: str) -> None:
    """Replace the progress line on a terminal."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end=" …" if text else "", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
