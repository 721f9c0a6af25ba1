"""The console is built once for what it is made of, and by packages that the lock names alone."""

import json
from pathlib import Path

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
def test_what_no_build_reads_asks_for_none(source: Path, name: str) -> None:
    before = console.source_fingerprint()
    (source / name).write_text("changed")
    assert console.source_fingerprint() == before


@pytest.mark.parametrize("name", ["src/main.tsx", "src/new.tsx", "package-lock.json", "vite.config.ts", "index.html"])
def test_anything_else_asks_for_a_new_one(source: Path, name: str) -> None:
    before = console.source_fingerprint()
    (source / name).write_text("changed")
    assert console.source_fingerprint() != before


def test_types_are_made_anew_when_the_description_of_the_api_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert "INTERFACE" in schema.read_text()  # nothing has changed, so nothing is made
    del description["paths"]["/api-keys"]
    openapi.write_text(json.dumps(description))
    console.generate_types()
    assert '"/api-keys":' not in schema.read_text()


@pytest.mark.parametrize("project", [CONSOLE, TOOLS], ids=lambda project: project.directory.name)
def test_packages_are_pinned_and_name_no_place_that_they_come_from(project: NpmProject) -> None:
    wanted = json.loads((project.directory / "package.json").read_text())
    versions = {**wanted["dependencies"], **wanted.get("devDependencies", {})}
    assert [name for name, version in versions.items() if not version[0].isdigit()] == []
    lock = json.loads((project.directory / "package-lock.json").read_text())
    assert [name for name, each in lock["packages"].items() if "resolved" in each] == []
    assert [name for name, each in lock["packages"].items() if name and "integrity" not in each] == []
