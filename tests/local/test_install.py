"""Each environment gets locked packages only, installed by uv, or by pip if uv fails."""

import re
import venv
from pathlib import Path

import pytest

from local import install
from local.install import Environment
from local.sam import sam_command
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
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MAIN", "SAM"):
        environment = Environment(tmp_path / name, getattr(install, name).requirements)
        monkeypatch.setattr(install, name, environment)
    return tmp_path / "calls"


def environment_that_fails_at(word: str, calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(directory: Path, **_: bool) -> None:
        (directory / "bin").mkdir(parents=True, exist_ok=True)
        for name in ("python", "uv"):
            program = directory / "bin" / name
            program.write_text(PROGRAM.format(calls=calls, fails=word))
            program.chmod(0o755)

    monkeypatch.setattr(venv, "create", create)


def made_calls(calls: Path) -> list[list[str]]:
    return [line.split() for line in calls.read_text().splitlines()]


@pytest.mark.parametrize(
    ("fails", "installers"),
    [
        ("nothing", ["python uv.txt", "uv dev.txt", "uv sam.txt"]),
        ("--system-certs", ["python dev.txt", "python sam.txt", "python uv.txt", "uv dev.txt", "uv sam.txt"]),
    ],
)
def test_pip_installs_the_packages_if_uv_fails(
    fails: str, installers: list[str], calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment_that_fails_at(fails, calls, monkeypatch)
    install.main(str(install.MAIN.directory))
    made = made_calls(calls)
    assert sorted(f"{each[0]} {Path(each[-1]).name}" for each in made) == installers
    assert all({"--require-hashes", "--no-deps"} <= set(each) for each in made)


def test_pip_installs_the_packages_if_uv_is_missing(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment_that_fails_at("nothing", calls, monkeypatch)
    install.create(install.MAIN, with_pip=True)
    (install.MAIN.directory / "bin" / "uv").unlink()
    install.install(install.MAIN, install.MAIN)
    assert [each[0] for each in made_calls(calls)] == ["python"]


def test_each_lock_is_installed_into_its_own_environment(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment_that_fails_at("nothing", calls, monkeypatch)
    install.main(str(install.MAIN.directory))
    pythons = {
        Path(each[-1]).name: each[each.index("--python") + 1] for each in made_calls(calls) if "--python" in each
    }
    assert pythons == {"dev.txt": str(install.MAIN.python), "sam.txt": str(install.SAM.python)}
    assert "aws-sam-cli" not in install.MAIN.requirements.read_text()


def test_sam_cli_is_installed_again_only_for_a_changed_lock(
    calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment_that_fails_at("nothing", calls, monkeypatch)
    install.create(install.MAIN, with_pip=True)
    lock = tmp_path / "sam.txt"
    monkeypatch.setattr(install, "SAM", Environment(tmp_path / "SAM", lock))
    for text in ("one", "one", "two"):
        lock.write_text(text)
        sam_command("--version")
    assert [each[0] for each in made_calls(calls)] == ["uv", "uv"]


def test_error_of_failed_installation_names_the_log(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment_that_fails_at("install", calls, monkeypatch)
    with pytest.raises(SystemExit, match=r"failed\. The reason is in .*install\.log"):
        install.main(str(install.MAIN.directory))


def test_docs_site_has_an_environment_and_a_lock_of_its_own(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment_that_fails_at("nothing", calls, monkeypatch)
    install.main(str(calls.parent / "docs"), "docs.txt")
    assert [Path(each[-1]).name for each in made_calls(calls)] == ["uv.txt", "docs.txt"]
