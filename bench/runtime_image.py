"""A copy of Lambda's image under .local/bench: a bare runtime, the layers and the baselines' code."""

import hashlib
import platform
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from local import bytecode, install
from local.build import BUILD, build
from local.declared_functions import declared_functions
from local.errors import LocalStackError
from local.stages import ROOT

WORK = ROOT / ".local" / "bench"
REQUIREMENTS = ROOT / "requirements" / "runtime.txt"
LAYERS = ("DependenciesLayer", "CoreLayer")

BASELINES = {
    "empty_handler": """\
def handler(event, context):
    return {}
""",
    "one_boto3_client": """\
import boto3

client = boto3.client("dynamodb")


def handler(event, context):
    return {}
""",
}
"""The source of each baseline, by module name."""


@dataclass(frozen=True)
class RuntimeImage:
    """A replacement for Lambda's image on this machine."""

    python: Path
    """The interpreter. Its site-packages contain only boto3 and the runtime client, not the development environment."""
    layers: Path
    """`/opt/python`: all layers merged."""
    emulator: Path
    """AWS's runtime interface emulator."""


def prepared_image() -> RuntimeImage:
    """Build the functions and layers, and install everything that Lambda's runtime needs."""
    build("local")
    layers = WORK / "opt" / "python"
    shutil.rmtree(layers, ignore_errors=True)
    for layer in LAYERS:
        shutil.copytree(BUILD / layer / "python", layers, dirs_exist_ok=True)
    baselines = WORK / "baselines"
    for name, source in BASELINES.items():
        (baselines / name).mkdir(parents=True, exist_ok=True)
        (baselines / name / f"{name}.py").write_text(source)
    bytecode.compile_artefacts(baselines)
    return RuntimeImage(_runtime(), layers, _emulator())


def code_of(logical_id: str) -> Path:
    """Return the directory of a function's built code, which it may share with others."""
    return next(
        BUILD / function.code
        for function in declared_functions(BUILD / "template.yaml")
        if function.logical_id == logical_id
    )


def task_root(baseline: str) -> Path:
    """Return the directory of a baseline's code."""
    return WORK / "baselines" / baseline


def _runtime() -> Path:
    """Create an environment with exactly the packages of requirements/runtime.txt, because other packages slow the
    start.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    wanted = hashlib.sha256(version.encode() + REQUIREMENTS.read_bytes()).hexdigest()[:12]
    directory = WORK / f"runtime-{wanted}"
    python = directory / "bin" / "python"
    if not (directory / ".installed").is_file():
        venv.create(directory, clear=True, with_pip=False)
        target = directory / "lib" / f"python{version}" / "site-packages"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
        command = [*pip, "--target", str(target), "-r", str(REQUIREMENTS)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise LocalStackError(f"The runtime's packages could not be installed: {result.stderr.strip()}")
        (directory / ".installed").touch()
    return python


def _emulator() -> Path:
    """Return the emulator that the SAM CLI ships for this machine's processor."""
    architecture = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    name = f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{architecture}"
    return next(install.SAM.directory.glob(name))
