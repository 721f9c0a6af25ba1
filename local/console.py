"""Generates the console's types, and checks, tests and builds it. `python -m local.console build|check|test|dev`."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from local.errors import LocalStackError
from local.npm_packages import CONSOLE, TOOLS, node
from local.stages import ROOT

OPENAPI = ROOT / "functions" / "reference" / "openapi.json"
ASSETS = ROOT / "functions" / "console" / "assets"
SCHEMA = CONSOLE.directory / "src" / "api" / "schema.d.ts"
WORK = ROOT / ".aws-sam"
STAMP = WORK / "console-built"
A_READER = {"LC_ALL": "en_US.UTF-8", "TZ": "Europe/Berlin"}  # the locale and the time zone that the tests expect


def build_console() -> bool:
    """Build the console into functions/console/assets. Return False if it is up to date."""
    WORK.mkdir(exist_ok=True)
    with (WORK / "console-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file closes
        fingerprint = source_fingerprint()
        if ASSETS.is_dir() and STAMP.is_file() and STAMP.read_text() == fingerprint:
            return False
        STAMP.unlink(missing_ok=True)
        CONSOLE.install(development=False)
        new = WORK / "console"
        CONSOLE.run("vite/bin/vite.js", "build", "--outDir", str(new), "--emptyOutDir", "--logLevel", "warn")
        shutil.rmtree(ASSETS, ignore_errors=True)
        new.rename(ASSETS)
        STAMP.write_text(fingerprint)
    return True


def source_fingerprint() -> str:
    """Return a hash of all inputs of the build."""
    digest = hashlib.sha256()
    for path in _source_files():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _source_files() -> Iterator[Path]:
    """Yield the files that affect the build. Tests and generated types do not."""
    for path in sorted(CONSOLE.directory.rglob("*")):
        inside = path.relative_to(CONSOLE.directory)
        if inside.parts[0] != "node_modules" and path.is_file() and ".test." not in path.name and path != SCHEMA:
            yield path


def generate_types() -> None:
    """Generate src/api/schema.d.ts from openapi.json."""
    TOOLS.install()
    wanted = f"// openapi.json {hashlib.sha256(OPENAPI.read_bytes()).hexdigest()}\n"
    if SCHEMA.is_file() and SCHEMA.read_text(encoding="utf-8").startswith(wanted):
        return
    made = TOOLS.run("openapi-typescript/bin/cli.js", str(OPENAPI), "--root-types", "--root-types-no-schema-prefix")
    SCHEMA.write_text(wanted + made, encoding="utf-8")


def check() -> None:
    """Check formatting, lint and types, with types generated from the current openapi.json."""
    CONSOLE.install()
    generate_types()
    CONSOLE.run("@biomejs/biome/bin/biome", "ci", "--error-on-warnings", ".")
    CONSOLE.run("typescript/bin/tsc", "--noEmit")


def test(*arguments: str) -> None:
    """Run the console's tests in a simulated document, without a browser."""
    CONSOLE.install()
    _show("vitest/vitest.mjs", "run", *arguments)


def dev() -> None:
    """Serve the console from its source, with the API of a running `make run`."""
    CONSOLE.install(development=False)
    _show("vite/bin/vite.js")


def _show(script: str, *arguments: str) -> None:
    command = [str(node()), str(CONSOLE.modules / script), *arguments]
    environment = {**os.environ, **A_READER}
    if subprocess.run(command, cwd=CONSOLE.directory, env=environment, check=False).returncode != 0:
        raise LocalStackError(f"{script.partition('/')[0]} failed.")


def main(command: str = "build", *arguments: str) -> None:
    """Run one command."""
    commands = {"build": build_console, "check": check, "test": test, "types": generate_types, "dev": dev}
    if command not in commands:
        raise LocalStackError(f"There is no command {command!r}. The commands are {', '.join(commands)}.")
    commands[command](*arguments)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except LocalStackError as error:
        sys.exit(str(error))
