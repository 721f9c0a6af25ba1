"""`python -m local.clients`: generates both clients from openapi.json and type-checks five calls with each.

The generators must take every operation. They and the type checkers write into .local/clients.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from local.errors import LocalStackError
from local.npm_packages import TOOLS
from local.stages import ROOT

DOCUMENT = ROOT / "openapi.json"
CALLS = Path(__file__).with_name("calls")
GENERATED = ROOT / ".local" / "clients"
PYTHON_CLIENT = "latchhook_client"
TSC_OPTIONS = (
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--lib",
    "es2022,dom",
)


def main() -> None:
    """Generate and check; `LocalStackError` with the words of the tool that refuses."""
    shutil.rmtree(GENERATED, ignore_errors=True)
    GENERATED.mkdir(parents=True)
    check_python(GENERATED / "python")
    check_typescript(GENERATED / "typescript")


def check_python(directory: Path) -> None:
    """`openapi-python-client`, without a warning about a schema that it cannot read, then mypy."""
    directory.mkdir()
    generate = ["openapi-python-client", "generate", "--path", str(DOCUMENT), "--meta", "none", "--fail-on-warning"]
    _run([_tool(generate[0]), *generate[1:], "--output-path", str(directory / PYTHON_CLIENT)])
    shutil.copy(CALLS / "python_calls.py", directory)
    options = ["--strict", "--no-incremental", "--config-file", os.devnull, "--follow-imports", "silent"]
    _run([_tool("mypy"), *options, "python_calls.py"], directory)


def check_typescript(directory: Path) -> None:
    """`openapi-typescript` with its default options, then tsc."""
    directory.mkdir()
    modules = TOOLS.install()
    TOOLS.run("openapi-typescript/bin/cli.js", str(DOCUMENT), "--output", str(directory / "schema.d.ts"))
    (directory / "node_modules").symlink_to(modules, target_is_directory=True)
    calls = Path(shutil.copy(CALLS / "typescript_calls.ts", directory))
    TOOLS.run("typescript/bin/tsc", *TSC_OPTIONS, str(calls))


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _run(command: list[str], directory: Path = ROOT) -> None:
    # The Python generator formats with ruff, which it looks for on the PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path}
    result = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise LocalStackError(f"{Path(command[0]).name} failed: {result.stdout.strip()}\n{result.stderr.strip()}")


if __name__ == "__main__":
    try:
        main()
    except LocalStackError as error:
        sys.exit(str(error))
