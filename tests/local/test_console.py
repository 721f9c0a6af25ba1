"""The console is built only when its source changes, from packages that the lock file pins."""

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
    sources = "".join(path.read_text(encoding="utf-8") for path in (CONSOLE.directory / "src").rglob("*.ts*"))
    assert [name for name in direct if name not in peers and f'"{name}' not in sources] == []
