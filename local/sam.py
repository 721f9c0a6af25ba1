"""Runs the SAM CLI of this environment without connections to any host except AWS: `python -m local.sam COMMAND...`."""

import json
import os
import sys
import time
from pathlib import Path

from local.stages import ROOT

SETTINGS = ROOT / ".aws-sam" / "settings"


def sam_command(*arguments: str) -> list[str]:
    """Return the command line of a `sam` command."""
    return [str(Path(sys.executable).with_name("sam")), *arguments]


def sam_environment() -> dict[str, str]:
    """Return the environment for `sam`: this environment's tools on PATH, no telemetry, no version check."""
    SETTINGS.mkdir(parents=True, exist_ok=True)
    last_check = {"telemetryEnabled": False, "lastVersionCheck": time.time()}
    (SETTINGS / "metadata.json").write_text(json.dumps(last_check))
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(SETTINGS),
    }


if __name__ == "__main__":
    command = sam_command(*sys.argv[1:])
    os.execve(command[0], command, sam_environment())  # noqa: S606
