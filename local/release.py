"""`make deploy`: a stage, built and deployed to the AWS account whose credentials the environment has.

`python -m local.release STAGE [PARAMETER=VALUE...]`. CloudFormation remembers the values of an earlier deploy.
"""

import os
import sys

from local.build import build
from local.errors import LocalStackError
from local.sam import sam_command, sam_environment
from local.stages import ROOT, stage_names, stage_parameters

DECIDED_BY_THE_BUILD = {"PythonRuntime", "Architecture"}


def main(stage: str, *pairs: str) -> None:
    """Build the stage and hand over to `sam deploy`, which shows what it changes."""
    if stage not in stage_names() or stage == "local":
        names = ", ".join(name for name in stage_names() if name != "local")
        raise LocalStackError(f"make deploy takes the stages {names}; make run is for the local one.")
    given = dict(pair.partition("=")[::2] for pair in pairs)
    if DECIDED_BY_THE_BUILD & given.keys():
        raise LocalStackError("PythonRuntime and Architecture are a stage's own: set them in samconfig.toml.")
    build(stage)
    # Merged here: on the command line, sam's option replaces all of samconfig.toml's.
    overrides = [f"{name}={value}" for name, value in (stage_parameters(stage) | given).items()]
    command = sam_command(
        "deploy", "--config-env", stage, *(["--parameter-overrides", *overrides] if overrides else [])
    )
    os.chdir(ROOT)
    os.execve(command[0], command, sam_environment())  # noqa: S606


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except LocalStackError as error:
        sys.exit(str(error))
