"""The console is built only when its source changes, from packages that the lock file pins."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from local import console
from local.npm_packages import CONSOLE, TOOLS, NpmProject


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "console"
    (directory / "src" / "api").mkdir(parents=True)
    (directory / "node_modules").mkdir()
    (directory / "src" / "main.tsx").write_text("main")
    monkeypatch.setattr(console, "ROOT", tmp_path)
    monkeypatch.setattr(console, "CONSOLE", NpmProject(directory))
    monkeypatch.setattr(console, "SCHEMA", directory / "src" / "api" / "schema.d.ts")
    return directory


@pytest.mark.parametrize("name", ["node_modules/x.js", "src/main.test.tsx", "src/api/schema.d.ts"])
def test_fingerprint_ignores_files_that_the_build_does_not_read(source: Path, name: str) -> None:
    before = console.source_fingerprint()
    (source / name).write_text("changed")
    assert console.source_fingerprint() == before


@pytest.mark.parametrize("name", ["src/main.tsx", "src/new.tsx", "package-lock.json", "vite.config.ts", "index.html"])
def test_fingerprint_changes_with_every_source_file(source: Path, name: str) -> None:
    before = console.source_fingerprint()
    (source / name).write_text("changed")
    assert console.source_fingerprint() != before


def test_types_are_generated_again_when_openapi_json_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    description = json.loads(console.OPENAPI.read_text())
    openapi, schema = tmp_path / "openapi.json", tmp_path / "schema.d.ts"
    monkeypatch.setattr(console, "OPENAPI", openapi)
    monkeypatch.setattr(console, "SCHEMA", schema)
    openapi.write_text(json.dumps(description))
    console.generate_types()
    first = schema.read_text()
    assert '"/api-keys"' in first
    schema.write_text(first.replace("interface", "INTERFACE"))
    console.generate_types()
    assert "INTERFACE" in schema.read_text()  # unchanged, because openapi.json has not changed
    del description["paths"]["/api-keys"]
    openapi.write_text(json.dumps(description))
    console.generate_types()
    assert '"/api-keys":' not in schema.read_text()


@pytest.mark.parametrize("project", [CONSOLE, TOOLS], ids=lambda project: project.directory.name)
def test_packages_are_pinned_and_lock_file_names_no_registry(project: NpmProject) -> None:
    wanted = json.loads((project.directory / "package.json").read_text())
    versions = {**wanted["dependencies"], **wanted.get("devDependencies", {})}
    assert [name for name, version in versions.items() if not version[0].isdigit()] == []
    lock = json.loads((project.directory / "package-lock.json").read_text())
    assert [name for name, each in lock["packages"].items() if "resolved" in each] == []
    assert [name for name, each in lock["packages"].items() if name and "integrity" not in each] == []


def test_console_uses_each_of_its_packages() -> None:
    packages = json.loads((CONSOLE.directory / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    direct = packages[""]["dependencies"]
    peers = {peer for name in direct for peer in packages[f"node_modules/{name}"].get("peerDependencies", {})}
    files = [*(CONSOLE.directory / "src").rglob("*.ts*"), *CONSOLE.directory.glob("*.ts")]
    sources = "".join(path.read_text(encoding="utf-8") for path in files)
    assert [name for name in direct if name not in peers and f'"{name}' not in sources] == []


class RecordedProject(NpmProject):
    """Records the commands of npm and installs nothing."""

    commands: ClassVar[list[str]] = []

    def npm(self, *arguments: str) -> None:
        self.commands.append(" ".join(each for each in arguments if each not in QUIET))
        self.modules.mkdir(exist_ok=True)


QUIET = {"--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"}


def test_build_installs_no_development_packages(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text("first")
    project = RecordedProject(tmp_path)
    project.commands.clear()
    for development in (False, False, True, True, False):
        project.install(development=development)
    assert project.commands == ["ci --omit=dev", "install --no-save"]
    (tmp_path / "package-lock.json").write_text("second")
    project.install()
    assert project.commands[2:] == ["ci"]


def test_build_needs_no_development_package() -> None:
    lock = json.loads((CONSOLE.directory / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    used = re.findall(r'from "(@[^/"]+/[^/"]+|[^./"@~][^/":]*)', "".join(built_sources()))
    assert [name for name in set(used) if lock.get(f"node_modules/{name}", {}).get("dev")] == []


def built_sources() -> Iterator[str]:
    """Yield the files that the build reads."""
    for path in [*(CONSOLE.directory / "src").rglob("*.ts*"), *CONSOLE.directory.glob("*.ts")]:
        if ".test." not in path.name and "test" not in path.stem:
            yield path.read_text(encoding="utf-8")
