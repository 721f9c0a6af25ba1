"""An environment gets locked packages only, installed by uv, or by pip if uv fails."""

import re
import venv
from pathlib import Path

import pytest

from local import install
from local.stages import ROOT

# Replaces the environment's Python and uv: records its arguments and fails if they contain a given word.
PROGRAM = """#!/bin/sh
echo "$(basename "$0") $*" >> "{calls}"
case "$*" in *{fails}*) exit 1;; esac
"""


@pytest.mark.parametrize(
    "lock", [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "layers" / "dependencies" / "requirements.txt"]
)
def test_lock_file_names_exact_versions_with_hashes_only(lock: Path) -> None:
    text = re.sub(r"^ *#.*\n", "", lock.read_text(), flags=re.MULTILINE).replace("\\\n", "")
    requirement = r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==[0-9a-z.]+( ; [^\n]+?)?( +--hash=sha256:[0-9a-f]{64})+"
    assert [line for line in text.splitlines() if not re.fullmatch(requirement, line)] == []


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    return tmp_path / "calls"


def environment_that_fails_at(word: str, calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(directory: Path, **_: bool) -> None:
        (directory / "bin").mkdir()
        for name in ("python", "uv"):
            program = directory / "bin" / name
            program.write_text(PROGRAM.format(calls=calls, fails=word))
            program.chmod(0o755)

    monkeypatch.setattr(venv, "create", create)


@pytest.mark.parametrize(
    ("fails", "installers"),
    [
        ("nothing", ["python uv.txt", "uv dev.txt"]),
        ("uv.txt", ["python uv.txt", "python dev.txt"]),
        ("--system-certs", ["python uv.txt", "uv dev.txt", "python dev.txt"]),
    ],
)
def test_pip_installs_the_packages_if_uv_is_missing_or_fails(
    fails: str, installers: list[str], calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment_that_fails_at(fails, calls, monkeypatch)
    install.main(str(calls.parent))
    made = [line.split() for line in calls.read_text().splitlines()]
    assert [f"{each[0]} {Path(each[-1]).name}" for each in made] == installers
    assert all({"--require-hashes", "--no-deps"} <= set(each) for each in made)


def test_error_of_failed_installation_names_the_log(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment_that_fails_at("install", calls, monkeypatch)
    with pytest.raises(SystemExit, match=r"failed\. The reason is in .*install\.log"):
        install.main(str(calls.parent))


def test_docs_site_has_an_environment_and_a_lock_of_its_own(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment_that_fails_at("nothing", calls, monkeypatch)
    install.main(str(calls.parent), "docs.txt")
    assert [Path(line.split()[-1]).name for line in calls.read_text().splitlines()] == ["uv.txt", "docs.txt"]
