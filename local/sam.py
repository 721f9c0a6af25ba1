"""Runs the SAM CLI in its own environment, without connections to any host except AWS: `python -m local.sam COMMAND`.

sam parses the template seven times. `sam_cli.py` gives it libyaml's parser, which is ten times as fast as Python's own.
Functions with the same source share one directory of the build and one archive of the deployment.
"""

import json
import os
import sys
import time
from pathlib import Path

from local import install
from local.errors import LocalStackError
from local.stages import ROOT

SETTINGS = ROOT / ".aws-sam" / "settings"
PROGRAM = Path(__file__).with_name("sam_cli.py")


def sam_command(*arguments: str) -> list[str]:
    """Return the command line of a `sam` command. Install the SAM CLI first if it is missing or outdated."""
    try:
        environment = install.install_sam()
    except install.InstallationError as error:
        raise LocalStackError(str(error)) from None
    return [str(environment.python), "-P", str(PROGRAM), *arguments]


def sam_environment() -> dict[str, str]:
    """Return the environment for `sam`: this environment's tools on PATH, no telemetry, no version check."""
    SETTINGS.mkdir(parents=True, exist_ok=True)
    last_check = {"telemetryEnabled": False, "lastVersionCheck": time.time()}
    (SETTINGS / "metadata.json").write_text(json.dumps(last_check))
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "SAM_CLI_BETA_BUILD_PERFORMANCE": "1",
        "SAM_CLI_BETA_PACKAGE_PERFORMANCE": "1",
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(SETTINGS),
    }


if __name__ == "__main__":
    try:
        command = sam_command(*sys.argv[1:])
    except LocalStackError as error:
        sys.exit(str(error))
    os.execve(command[0], command, sam_environment())  # noqa: S606
