"""The stages of samconfig.toml and their template parameters."""

import platform
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from local.errors import LocalStackError
from local.parameters import parameters_of_file

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "template.yaml"
SAMCONFIG = ROOT / "samconfig.toml"
PARAMETERS = ROOT / "parameters"


class _TemplateLoader(yaml.SafeLoader):
    """Loads a CloudFormation template without resolving short forms of functions such as `!Ref`."""


_TemplateLoader.add_multi_constructor("!", lambda *_: None)


def stage_names() -> list[str]:
    """Return the stages in the order of samconfig.toml."""
    return [name for name in tomllib.loads(SAMCONFIG.read_text()) if name not in {"version", "default"}]


def stage_parameters(stage: str) -> dict[str, str]:
    """Return the template parameters from a stage's file, and for `local` also those of this machine."""
    config: dict[str, Any] = tomllib.loads(SAMCONFIG.read_text())
    if "parameter_overrides" in config[stage].get("deploy", {}).get("parameters", {}):
        raise LocalStackError(f"Move parameter_overrides from samconfig.toml to parameters/{stage}.toml.")
    return parameters_of_file(PARAMETERS / f"{stage}.toml") | (_this_machine() if stage == "local" else {})


@cache
def declared_parameters() -> dict[str, dict[str, Any]]:
    """Return the template's section Parameters."""
    template = yaml.load(TEMPLATE.read_text(), Loader=_TemplateLoader)  # noqa: S506 - it extends SafeLoader
    parameters: dict[str, dict[str, Any]] = template["Parameters"]
    return parameters


def effective_parameters(stage: str) -> dict[str, str]:
    """Return the value of every template parameter in a stage: the stage's own value or the template's default."""
    defaults = {name: str(each.get("Default", "")) for name, each in declared_parameters().items()}
    return defaults | stage_parameters(stage)


def _this_machine() -> dict[str, str]:
    return {
        "PythonRuntime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "Architecture": "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
    }
