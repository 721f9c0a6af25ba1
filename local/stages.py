"""The stages of samconfig.toml, and what a stage's template parameters are."""

import platform
import sys
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "template.yaml"
SAMCONFIG = ROOT / "samconfig.toml"


class _TemplateLoader(yaml.SafeLoader):
    """Reads a CloudFormation template; the short forms of its functions (`!Ref`) stay unread."""


_TemplateLoader.add_multi_constructor("!", lambda *_: None)


def stage_names() -> list[str]:
    """The stages there are, in the order of samconfig.toml."""
    return [name for name in tomllib.loads(SAMCONFIG.read_text()) if name not in {"version", "default"}]


def stage_parameters(stage: str) -> dict[str, str]:
    """The template parameters that a stage sets: in samconfig.toml and, for `local`, by this machine."""
    config: dict[str, Any] = tomllib.loads(SAMCONFIG.read_text())
    overrides: list[str] = config[stage].get("deploy", {}).get("parameters", {}).get("parameter_overrides", [])
    return dict(pair.split("=", 1) for pair in overrides) | (_this_machine() if stage == "local" else {})


def effective_parameters(stage: str) -> dict[str, str]:
    """Every template parameter's value in a stage: the stage's own, or else the template's default."""
    template = yaml.load(TEMPLATE.read_text(), Loader=_TemplateLoader)  # noqa: S506 - it extends SafeLoader
    defaults = {name: str(one.get("Default", "")) for name, one in template["Parameters"].items()}
    return defaults | stage_parameters(stage)


def _this_machine() -> dict[str, str]:
    return {
        "PythonRuntime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "Architecture": "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
    }
