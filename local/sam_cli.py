"""`sam` with libyaml's parser. Start it by path with the Python of the SAM CLI's environment."""

import importlib
from typing import Any

import yaml

if __name__ == "__main__":
    # Before the import of the CLI, which adds the short forms of functions such as `!Ref` to this class.
    yaml.SafeLoader = yaml.CSafeLoader  # type: ignore[misc, assignment]
    program: Any = importlib.import_module("samcli.cli.main")
    program.cli(prog_name="sam")
