"""Makes `.venv` with exactly the packages of requirements/dev.txt. It uses the standard library only.

uv installs them in seconds. pip does the same in twenty times as long if uv is not available or fails. `python
local/install.py` shows its progress. The output of both installers goes to .venv/install.log.
"""

import subprocess
import sys
import venv
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements" / "dev.txt"
INSTALLER = ROOT / "requirements" / "uv.txt"
LOG = ENVIRONMENT / "install.log"

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


def main() -> None:
    """Replace the environment, so that it contains nothing else. Exit with one sentence if that fails."""
    show("Making .venv")
    try:
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError):
        sys.exit(f"\n{sys.executable} can't make a virtual environment. On Debian and Ubuntu, install python3-venv.")
    with LOG.open("w") as log:
        if not (install_with_uv(log) or install_with_pip(log)):
            sys.exit(f"\nInstalling the Python packages failed. The reason is in {LOG}.")
    show("")
    print("✓ Installed the Python packages into .venv")


def install_with_uv(log: TextIO) -> bool:
    """Install uv, then all packages with it.

    Return whether both succeeded. uv does not read pip's own configuration.
    """
    show("Downloading Python packages")
    python = str(ENVIRONMENT / "bin" / "python")
    uv = [str(ENVIRONMENT / "bin" / "uv"), "pip", "install", "--python", python, "--system-certs", "--no-progress"]
    return run([python, *PIP, "-r", str(INSTALLER)], log) and run([*uv, *LOCKED, "-r", str(REQUIREMENTS)], log)


def run(command: list[str], log: TextIO) -> bool:
    """Run an installer. Return whether it succeeded."""
    return subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode == 0


def install_with_pip(log: TextIO) -> bool:
    """Install all packages with pip and show the count. Return whether it succeeded."""
    total = sum(line[:1].isalpha() for line in REQUIREMENTS.read_text().splitlines())
    command = [str(ENVIRONMENT / "bin" / "python"), *PIP, "-r", str(REQUIREMENTS)]
    collected = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None  # noqa: S101 - asked for above
        for line in pip.stdout:
            log.write(line)
            if line.startswith("Collecting "):
                collected += 1
                show(f"Downloading Python packages: {collected} of {total}")
            elif line.startswith("Installing collected packages"):
                show(f"Unpacking {collected} Python packages into .venv")
    return pip.returncode == 0


def show(text: str) -> None:
    """Replace the progress line on a terminal."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end=" …" if text else "", flush=True)


if __name__ == "__main__":
    main()
