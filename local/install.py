"""Makes the Python environments from their lock files. It uses the standard library only.

`.venv` gets the packages of requirements/dev.txt. The SAM CLI of requirements/sam.txt gets an environment of its own,
because its pins exclude newer versions of the functions' packages. `python local/install.py` makes both at the same
time. `python local/install.py .venv-docs docs.txt` makes the environment of the docs site. uv installs the packages in
seconds. pip does the same in twenty times as long if uv is not available or fails. The output of the installers goes to
install.log in each environment.
"""

import fcntl
import hashlib
import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
INSTALLER = REQUIREMENTS / "uv.txt"

# All files are complete locks with hashes. The installer resolves nothing and installs only locked packages.
LOCKED = ["--require-hashes", "--no-deps"]
# Compiling all modules takes pip a minute. Python compiles the few that are imported.
PIP = ["install", *LOCKED, "--no-compile", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]


@dataclass(frozen=True)
class Environment:
    """A virtual environment with exactly the packages of a lock file."""

    directory: Path
    requirements: Path

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.directory / "bin" / "python"

    @property
    def log(self) -> Path:
        """The output of the installers."""
        return self.directory / "install.log"

    @property
    def stamp(self) -> Path:
        """A file that exists if the packages of the current lock file are installed for this Python."""
        wanted = hashlib.sha256(sys.version.encode() + self.requirements.read_bytes()).hexdigest()
        return self.directory / f"installed-{wanted[:12]}"


MAIN = Environment(ROOT / ".venv", REQUIREMENTS / "dev.txt")
SAM = Environment(ROOT / ".aws-sam" / "cli", REQUIREMENTS / "sam.txt")


class InstallationError(Exception):
    """An environment cannot be made. The message is for the person at the terminal."""


def main(directory: str = ".venv", lock: str = "dev.txt") -> None:
    """Replace the environment, so that it contains nothing else. Exit with one sentence if that fails."""
    environment = Environment(ROOT / directory, REQUIREMENTS / lock)
    show(f"Making {directory}")
    try:
        create(environment, with_pip=True)
        show("Downloading Python packages")
        with environment.log.open("w") as log:
            run([str(environment.python), "-m", "pip", *PIP, "-r", str(INSTALLER)], log)  # pip replaces a missing uv
        with ThreadPoolExecutor() as threads:
            sam = threads.submit(install_sam) if environment == MAIN else None
            install(environment, environment)
            if sam is not None:
                sam.result()
    except InstallationError as error:
        sys.exit(f"\n{error}")
    show("")
    print(f"✓ Installed the Python packages into {directory}")


def install_sam() -> Environment:
    """Install the SAM CLI into its environment, unless it is there. Several processes may call this at the same time.

    Raises:
        InstallationError: the environment cannot be made.
    """
    SAM.directory.mkdir(parents=True, exist_ok=True)
    with SAM.directory.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file closes
        if not SAM.stamp.is_file():
            create(SAM, with_pip=False)
            install(SAM, MAIN)
            SAM.stamp.touch()
    return SAM


def create(environment: Environment, *, with_pip: bool) -> None:
    """Make an empty environment in place of the old one."""
    try:
        venv.create(environment.directory, clear=True, with_pip=with_pip)
    except (OSError, subprocess.CalledProcessError):
        raise InstallationError(
            f"{sys.executable} can't make a virtual environment. On Debian and Ubuntu, install python3-venv."
        ) from None


def install(environment: Environment, tools: Environment) -> None:
    """Install the locked packages with the uv of `tools`, or with its pip if uv is missing or fails."""
    with environment.log.open("a") as log:
        if not (install_with_uv(environment, tools, log) or install_with_pip(environment, tools, log)):
            raise InstallationError(f"Installing the Python packages failed. The reason is in {environment.log}.")


def install_with_uv(environment: Environment, tools: Environment, log: TextIO) -> bool:
    """Return whether uv installed the packages. uv does not read pip's own configuration."""
    uv = tools.python.with_name("uv")
    if not uv.is_file():
        return False
    options = ["--python", str(environment.python), "--system-certs", "--no-progress"]
    return run([str(uv), "pip", "install", *options, *LOCKED, "-r", str(environment.requirements)], log)


def install_with_pip(environment: Environment, tools: Environment, log: TextIO) -> bool:
    """Return whether pip installed the packages. Show their count."""
    total = sum(line[:1].isalpha() for line in environment.requirements.read_text().splitlines())
    pip = [str(tools.python), "-m", "pip", "--python", str(environment.python)]
    collected = 0
    with subprocess.Popen(
        [*pip, *PIP, "-r", str(environment.requirements)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        for line in process.stdout:
            log.write(line)
            if line.startswith("Collecting "):
                collected += 1
                show(f"Downloading Python packages: {collected} of {total}")
            elif line.startswith("Installing collected packages"):
                show(f"Unpacking {collected} Python packages")
    return process.returncode == 0


def run(command: list[str], log: TextIO) -> bool:
    """Run an installer. Return whether it succeeded."""
    return subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode == 0


def show(text: str) -> None:
    """Replace the progress line on a terminal."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end=" …" if text else "", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
