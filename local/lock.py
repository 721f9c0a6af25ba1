"""`make lock`: updates the lock files to the newest versions that the .in files and package.json files allow."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from local.errors import LocalStackError
from local.npm_packages import CONSOLE, TOOLS
from local.stages import ROOT

LAYER = ROOT / "layers" / "dependencies" / "requirements.in"
UV_OPTIONS = ["--quiet", "--universal", "--python-version", "3.11", "--upgrade", "--no-header", "--generate-hashes"]


def main() -> None:
    """Resolve for every platform and every Python from 3.11 on, with uv from a temporary environment."""
    with tempfile.TemporaryDirectory() as directory:
        venv.create(directory, with_pip=True)
        python = Path(directory) / "bin" / "python"
        _run([str(python), "-m", "pip", "install", "--quiet", "uv"])
        for source in (LAYER, *sorted((ROOT / "requirements").glob("*.in"))):
            # Relative paths, because uv copies them into comments.
            name = str(source.relative_to(ROOT))
            files = [name, "--output-file", name.replace(".in", ".txt")]
            _run([str(python), "-m", "uv", "pip", "compile", *UV_OPTIONS, *files])
    for project in (TOOLS, CONSOLE):
        project.npm("update", "--package-lock-only", "--omit-lockfile-registry-resolved", "--ignore-scripts")


def _run(command: list[str]) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise LocalStackError(f"{' '.join(command[:4])} … failed.")


if __name__ == "__main__":
    try:
        main()
    except LocalStackError as error:
        sys.exit(str(error))
