"""Makes `.venv` with exactly what requirements/dev.txt names. Standard library only: nothing else is there yet.

`python local/install.py` says how far it is while it works and leaves pip's own words in .venv/install.log.
"""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements" / "dev.txt"
LOG = ENVIRONMENT / "install.log"


def main() -> None:
    """Make the environment anew, so that it holds nothing else; exit with one sentence if that fails."""
    show("Making .venv")
    try:
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError):
        sys.exit(f"\n{sys.executable} can't make a virtual environment; Debian and Ubuntu have that in python3-venv.")
    if install() != 0:
        sys.exit(f"\nInstalling the Python packages failed; {LOG} says why.")
    show("")
    print("✓ Installed the Python packages into .venv")


def install() -> int:
    """Run pip, show how far it is, and return its exit code."""
    total = sum(line[:1].isalpha() for line in REQUIREMENTS.read_text().splitlines())
    # The file is a complete lock: nothing to resolve.
    options = ["--no-deps", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    command = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", *options, "-r", str(REQUIREMENTS)]
    collected = 0
    with (
        LOG.open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip,
    ):
        assert pip.stdout is not None  # noqa: S101 - asked for above
        for line in pip.stdout:
            log.write(line)
            if line.startswith("Collecting "):
                collected += 1
                show(f"Downloading Python packages: {collected} of {total}")
            elif line.startswith("Installing collected packages"):
                show(f"Unpacking {collected} Python packages into .venv")
    return pip.returncode


def show(text: str) -> None:
    """Replace the line that shows the progress, where somebody watches."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end=" …" if text else "", flush=True)


if __name__ == "__main__":
    main()
