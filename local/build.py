"""Builds the console, runs `sam build`, and compiles the bytecode that Lambda would compile at every cold start.

Lambda mounts code and layers read-only, so that Python cannot store its bytecode there. `python -m local.build STAGE`
builds into .aws-sam/build, unless that directory already has the build of this source with these parameters.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from local import install
from local.console import build_console
from local.errors import LocalStackError
from local.sam import sam_command, sam_environment
from local.stages import ROOT, SAMCONFIG, TEMPLATE, effective_parameters, stage_names

WORK = ROOT / ".aws-sam"
BUILD = WORK / "build"
STAMP = WORK / "built"
LOG = WORK / "build.log"
BYTECODE = Path(__file__).with_name("bytecode.py")
SOURCES = (TEMPLATE, SAMCONFIG, BYTECODE, install.SAM.requirements, ROOT / "functions", ROOT / "layers")


def build(stage: str = "local") -> bool:
    """Build the stage's artefacts into .aws-sam/build. Return False if they are up to date."""
    WORK.mkdir(exist_ok=True)
    build_console()
    with (WORK / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file closes
        fingerprint = source_fingerprint(stage)
        if STAMP.is_file() and STAMP.read_text() == fingerprint and BUILD.is_dir():
            return False
        STAMP.unlink(missing_ok=True)
        LOG.unlink(missing_ok=True)
        runtime = effective_parameters(stage)["PythonRuntime"]
        interpreter = _interpreter(runtime)
        _run_logged(sam_command("build", "--config-env", stage, *_overrides(stage)))
        _run_logged([interpreter, str(BYTECODE), str(BUILD)])
        STAMP.write_text(fingerprint)
    return True


def source_fingerprint(stage: str) -> str:
    """Return a hash of all inputs of the build."""
    digest = hashlib.sha256()
    for part in _overrides(stage):
        digest.update(part.encode() + b"\0")
    for path in _source_files():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _source_files() -> Iterator[Path]:
    for source in SOURCES:
        paths = sorted(source.rglob("*")) if source.is_dir() else [source]
        yield from (path for path in paths if path.is_file() and path.suffix != ".pyc")


def _overrides(stage: str) -> list[str]:
    """Return the parameters that affect the artefacts. None has a character with a special meaning for sam."""
    parameters = effective_parameters(stage)
    return ["--parameter-overrides", *(f"{name}={parameters[name]}" for name in ("PythonRuntime", "Architecture"))]


def _interpreter(runtime: str) -> str:
    found = shutil.which(runtime, path=sam_environment()["PATH"])
    if found is None:
        raise LocalStackError(
            f"Building for {runtime} needs {runtime} on PATH. Install it,"
            " or set PythonRuntime in the stage's file in parameters/ to an installed version."
        )
    return found


def _run_logged(command: Sequence[str]) -> None:
    with LOG.open("ab") as log:
        result = subprocess.run(
            command,
            cwd=ROOT,
            env=sam_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
        )
    if result.returncode != 0:
        raise LocalStackError(f"The build failed. The reason is in {LOG}.")


def main(stage: str) -> None:
    """Build the stage and print the result."""
    if stage not in stage_names():
        raise LocalStackError(
            f"There is no stage {stage!r}. The stages of samconfig.toml are {', '.join(stage_names())}."
        )
    print(f"Built {BUILD.relative_to(ROOT)}" if build(stage) else "Nothing has changed since the last build")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except LocalStackError as error:
        sys.exit(str(error))
