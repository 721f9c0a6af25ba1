"""Template parameters reach CloudFormation exactly as given, or the deployment stops with a reason."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local import install
from local.errors import LocalStackError
from local.parameters import checked, parameters_of_environment, parameters_of_file, write_for_sam
from local.stages import PARAMETERS, declared_parameters, stage_names, stage_parameters

DECLARED: dict[str, dict[str, Any]] = {
    "Name": {"Type": "String", "Default": ""},
    "Prefix": {"Type": "String", "Default": "lh_", "AllowedPattern": "[a-z_]+"},
    "Issuer": {"Type": "String", "MinLength": 1},
    "Days": {"Type": "Number", "Default": 30, "MinValue": 14, "MaxValue": 365},
    "Months": {"Type": "Number", "Default": 1, "AllowedValues": [1, 3]},
    "Switch": {"Type": "String", "Default": "false", "AllowedValues": ["true", "false"]},
    "Words": {"Type": "CommaDelimitedList", "Default": "a,b"},
}

AWKWARD = [
    "https://a.example/?b=c&d=e",
    "default=a:b&/orders=c",
    "$HOME ${x} $(id) `id`",
    "two words",
    " spaces at the ends ",
    "'none'",
    '"quoted"',
    'it\'s "both"',
    "back\\slash \\' \\\" \\ \\\\",
    "one,two,three",
    "line one\nline two\r\n\ttab",
    "Name=value",
    "key: value # no comment",
    "ParameterKey=A,ParameterValue=B",
    "file:///etc/passwd",
    "{{resolve:ssm:/a/b}}",
    "ünïcödé 🔑",
    "",
]


Reader = Callable[[dict[str, str], Path], object]

# Runs in the SAM CLI's environment. Answers each option of `sam deploy` with the parameters that sam reads from it.
READER = """
import json, sys
from samcli.cli.types import CfnParameterOverridesType
for line in sys.stdin:
    print(json.dumps(CfnParameterOverridesType().convert((json.loads(line),), None, None)), flush=True)
"""


@pytest.fixture(scope="module")
def as_sam_reads() -> Iterator[Reader]:
    """Return a function that returns the parameters that `sam deploy` reads from its option."""
    command = [str(install.install_sam().python), "-c", READER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sam:
        requests, responses = sam.stdin, sam.stdout
        assert requests is not None
        assert responses is not None

        def read(values: dict[str, str], directory: Path) -> object:
            requests.write(json.dumps(write_for_sam(values, directory / "parameters.yaml")) + "\n")
            requests.flush()
            return json.loads(responses.readline())

        yield read


@pytest.mark.parametrize("value", AWKWARD)
def test_sam_reads_the_given_value(value: str, tmp_path: Path, as_sam_reads: Reader) -> None:
    values = {"Before": "1", "Name": value, "After": "2"}
    assert as_sam_reads(values, tmp_path) == values


@given(
    value=st.text(st.sampled_from("""\\'" $&=,:#{}\n\tax"""))
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"]))
)
def test_sam_reads_any_given_text(value: str, tmp_path_factory: pytest.TempPathFactory, as_sam_reads: Reader) -> None:
    assert as_sam_reads({"Name": value}, tmp_path_factory.mktemp("sam")) == {"Name": value}


def test_parameter_file_is_readable_by_this_user_only(tmp_path: Path) -> None:
    write_for_sam({"Name": "secret"}, tmp_path / "parameters.yaml")
    assert (tmp_path / "parameters.yaml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("value", AWKWARD)
def test_environment_variables_give_their_exact_value(value: str) -> None:
    assert parameters_of_environment({"PARAMETER_Name": value, "PATH": "/bin"}) == {"Name": value}


def test_pairs_are_quoted_as_in_a_shell_and_override_variables() -> None:
    environment = {
        "PARAMETER_Name": "variable",
        "PARAMETER_Days": "20",
        "PARAMETERS": """Name='a b&c$d' Prefix=x=y "Words=it's" Issuer=""",
    }
    assert parameters_of_environment(environment) == {
        "Name": "a b&c$d",
        "Days": "20",
        "Prefix": "x=y",
        "Words": "it's",
        "Issuer": "",
    }


@pytest.mark.parametrize(("pairs", "reason"), [("Name='open", "Quote values"), ("Name=two words", "Quote a value")])
def test_malformed_pairs_are_refused(pairs: str, reason: str) -> None:
    with pytest.raises(LocalStackError, match=reason):
        parameters_of_environment({"PARAMETERS": pairs})


def test_file_gives_texts_numbers_booleans_and_lists(tmp_path: Path) -> None:
    path = tmp_path / "dev.toml"
    path.write_text('Name = "a & \\"b\\"\\n$c"\nDays = 20\nSwitch = true\nWords = ["x", "y", 3]\nPrefix = ""\n')
    assert parameters_of_file(path) == {
        "Name": 'a & "b"\n$c',
        "Days": "20",
        "Switch": "true",
        "Words": "x,y,3",
        "Prefix": "",
    }


def test_stage_without_a_file_sets_no_parameter(tmp_path: Path) -> None:
    assert parameters_of_file(tmp_path / "dev.toml") == {}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Name = ", "not a TOML file"),
        ("Words = ['a,b', 'c']", "cannot contain a comma"),
        ("Name = 1.5", "must be a text"),
        ("Name = {a = 1}", "must be a text"),
        ("Name = 2020-01-01", "must be a text"),
    ],
)
def test_unsupported_value_in_file_is_refused(line: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "dev.toml"
    path.write_text(line)
    with pytest.raises(LocalStackError, match=reason):
        parameters_of_file(path)


def test_empty_value_resets_a_parameter_to_its_default() -> None:
    given = dict.fromkeys(["Name", "Prefix", "Days", "Switch", "Words"], "")
    assert checked(given, DECLARED) == {
        "Name": "",
        "Prefix": "lh_",
        "Days": "30",
        "Switch": "false",
        "Words": "a,b",
    }


def test_parameters_that_are_not_given_are_left_to_cloudformation() -> None:
    assert checked({"Days": "20"}, DECLARED) == {"Days": "20"}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("Nmae", "x", "no parameter Nmae. Did you mean Name"),
        ("Q", "x", "no parameter Q"),
        ("$include", "x", "no parameter"),
        ("Prefix", "Upper", "must match"),
        ("Prefix", "two\nlines", "must match"),
        ("Issuer", "", "1 to 4096 characters"),
        ("Days", "13", "from 14 to 365"),
        ("Days", "366", "from 14 to 365"),
        ("Days", "soon", "must be a number"),
        ("Days", "NaN", "from 14 to 365"),
        ("Months", "2", "one of 1, 3"),
        ("Switch", "True", "one of true, false"),
        ("Name", "bell\a", "control character"),
        ("Name", "\udcff", "not UTF-8"),
        ("Name", "x" * 4097, "4096 bytes"),
        ("Name", "é" * 2049, "4096 bytes"),
    ],
)
def test_invalid_value_is_refused_without_showing_it(name: str, value: str, reason: str) -> None:
    with pytest.raises(LocalStackError, match=reason) as refused:
        checked({name: value}, DECLARED)
    assert name in str(refused.value)
    assert len(value) < 3 or value not in str(refused.value)


@pytest.mark.parametrize("stage", stage_names())
def test_every_stage_has_a_deployable_file(stage: str) -> None:
    assert (PARAMETERS / f"{stage}.toml").is_file()
    checked(stage_parameters(stage), declared_parameters())


def test_template_defaults_are_deployable() -> None:
    declared = declared_parameters()
    with_default = {name: str(each["Default"]) for name, each in declared.items() if "Default" in each}
    assert checked(with_default, declared) == with_default
