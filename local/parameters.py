"""Reads the values of template.yaml's parameters from file, environment and command line, checks them, and writes them
for sam.

A value reaches CloudFormation exactly as given, or the deployment stops with one sentence that names the parameter.
Messages never show a value, because it may be a secret.
"""

import difflib
import re
import shlex
import tomllib
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from local.errors import LocalStackError

ENVIRONMENT_PREFIX = "PARAMETER_"
MOST_BYTES = 4096
"""CloudFormation's limit for the value of a parameter, in bytes."""

Declared = Mapping[str, Mapping[str, Any]]
"""The template's section Parameters."""


def parameters_of_file(path: Path) -> dict[str, str]:
    """Read a stage's file: TOML with one text, number, boolean or list per parameter.

    A missing file sets no parameters.
    """
    if not path.is_file():
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LocalStackError(f"{path.name} is not a TOML file: {error}") from None
    return {name: _text(f"{path.name}: {name}", value) for name, value in document.items()}


def parameters_of_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Read the variables named PARAMETER_<parameter>, then the pairs in PARAMETERS, which are quoted as in a shell."""
    given = {
        name.removeprefix(ENVIRONMENT_PREFIX): value
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX)
    }
    try:
        pairs = shlex.split(environment.get("PARAMETERS", ""))
    except ValueError as error:
        raise LocalStackError(f"PARAMETERS cannot be read ({error}). Quote values as in a shell.") from None
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise LocalStackError("PARAMETERS needs Name=value pairs. Quote a value with spaces: 'Name=one two'.")
        given[name] = value
    return given


def checked(given: Mapping[str, str], declared: Declared) -> dict[str, str]:
    """Return the values to deploy. An empty value becomes the parameter's default.

    Raises `LocalStackError` for a parameter that the template does not have, and for a value that it does not allow.
    """
    values = {}
    for name, value in given.items():
        if name not in declared:
            close = difflib.get_close_matches(name, declared, n=1)
            hint = f". Did you mean {close[0]}?" if close else "."
            raise LocalStackError(f"template.yaml has no parameter {name}{hint}")
        values[name] = value or str(declared[name].get("Default", ""))
        if reason := _refusal(values[name], declared[name]):
            raise LocalStackError(f"The value of {name} cannot be deployed: {reason}.")
    return values


def write_for_sam(values: Mapping[str, str], path: Path) -> str:
    """Write the values to a file that only this user can read, and return the value of `--parameter-overrides`."""
    path.touch(mode=0o600)
    # Quoted twice, because sam removes quotes once when it reads the file and again with its other options.
    path.write_text("".join(f"{_yaml(name)}: {_yaml(_guarded(_guarded(value)))}\n" for name, value in values.items()))
    return f"file://{path}"


def _guarded(value: str) -> str:
    """Quote a text for sam, which removes enclosing quotes, and a backslash before a quote or space."""
    return '"' + re.sub(r"""\\([ "'])""", r"\\\\\1", value) + '"'


def _yaml(text: str) -> str:
    """Return a double-quoted YAML scalar of printable ASCII."""
    return '"' + re.sub(r"""[^ !#-\[\]-~]""", lambda found: f"\\U{ord(found[0]):08x}", text) + '"'


def _text(where: str, value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case list():
            items = [_text(where, each) for each in value]
            if any("," in item for item in items):
                raise LocalStackError(f"{where}: an item of a list cannot contain a comma.")
            return ",".join(items)
    raise LocalStackError(f"{where} must be a text, a whole number, true, false or a list of these.")


def _refusal(value: str, declared: Mapping[str, Any]) -> str | None:
    """Return why CloudFormation would refuse or change the value, or None if it accepts the value."""
    if any(unicodedata.category(each) in {"Cc", "Cs", "Cn"} and each not in "\t\n\r" for each in value):
        return "it contains a control character or is not UTF-8"
    if len(value.encode()) > MOST_BYTES:
        return f"it is longer than CloudFormation's {MOST_BYTES} bytes"
    return _number_refusal(value, declared) if declared["Type"] == "Number" else _text_refusal(value, declared)


def _text_refusal(value: str, declared: Mapping[str, Any]) -> str | None:
    least, most = int(declared.get("MinLength", 0)), int(declared.get("MaxLength", MOST_BYTES))
    if "AllowedValues" in declared and value not in declared["AllowedValues"]:
        return f"it must be one of {', '.join(declared['AllowedValues'])}"
    if not least <= len(value) <= most:
        return f"it must have {least} to {most} characters"
    if "AllowedPattern" in declared and re.fullmatch(declared["AllowedPattern"], value) is None:
        return f"it must match {declared['AllowedPattern']}"
    return None


def _number_refusal(value: str, declared: Mapping[str, Any]) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "it must be a number"
    least, most = declared.get("MinValue", "-Infinity"), declared.get("MaxValue", "Infinity")
    if not number.is_finite() or not Decimal(least) <= number <= Decimal(most):
        return f"it must be a number from {least} to {most}"
    allowed = declared.get("AllowedValues")
    if allowed is not None and number not in map(Decimal, allowed):
        return f"it must be one of {', '.join(map(str, allowed))}"
    return None
