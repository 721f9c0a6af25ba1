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


class _TemplateLoader(yaml.CSafeLoader):
    """Loads a CloudFormation template. Short forms of functions such as `!Ref` become None."""


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
    parameters: dict[str, dict[str, Any]] = loaded_template(TEMPLATE)["Parameters"]
    return parameters


def loaded_template(path: Path) -> dict[str, Any]:
    """Return the content of a template, with None in place of short forms of functions such as `!Ref`."""
    content: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_TemplateLoader)  # noqa: S506 - safe
    return content


def effective_parameters(stage: str) -> dict[str, str]:
    """Return the value of every template parameter in a stage: the stage's own value or the template's default."""
    defaults = {name: str(each.get("Default", "")) for name, each in declared_parameters().items()}
    return defaults | stage_parameters(stage)


def _this_machine() -> dict[str, str]:
    return {
        "PythonRuntime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "Architecture": "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
    }
