"""The build makes the bytecode and the artefacts that Lambda needs, and only when the source has changed."""

import importlib.util
import marshal
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local import build as build_module
from local.stages import ROOT, effective_parameters, stage_names

BYTECODE = ROOT / "local" / "bytecode.py"


def test_bytecode_does_not_depend_on_modification_times(tmp_path: Path) -> None:
    function = tmp_path / "CreateApiKey" / "api_keys"
    layer = tmp_path / "CoreLayer" / "python" / "latchhook"
    for directory in (function, layer):
        directory.mkdir(parents=True)
        (directory / "module.py").write_text("def f(): pass\n")
    subprocess.run([sys.executable, str(BYTECODE), str(tmp_path)], check=True)

    for directory, mounted_at in ((function, "/var/task/api_keys"), (layer, "/opt/python/latchhook")):
        compiled = Path(importlib.util.cache_from_source(str(directory / "module.py"))).read_bytes()
        assert int.from_bytes(compiled[4:8], "little") == 0b01  # by hash, never checked: PEP 552
        assert marshal.loads(compiled[16:]).co_filename == f"{mounted_at}/module.py"  # noqa: S302


def test_functions_with_equal_source_share_bytecode(tmp_path: Path) -> None:
    for name in ("CreateApiKey", "ListApiKeys"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "module.py").write_text("x = 1\n")
    subprocess.run([sys.executable, str(BYTECODE), str(tmp_path)], check=True)
    first, second = sorted(tmp_path.rglob("*.pyc"))
    assert first.read_bytes() == second.read_bytes()


def test_module_that_is_not_python_gets_no_bytecode(tmp_path: Path) -> None:
    (tmp_path / "Function").mkdir()
    (tmp_path / "Function" / "template.py").write_text("{{ not python }} (\n")
    result = subprocess.run([sys.executable, str(BYTECODE), str(tmp_path)], check=True, capture_output=True, text=True)
    assert "No bytecode" in result.stderr


def test_fingerprint_changes_only_with_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    (source / "__pycache__").mkdir(parents=True)
    (source / "module.py").write_text("x = 1\n")
    monkeypatch.setattr(build_module, "ROOT", tmp_path)
    monkeypatch.setattr(build_module, "SOURCES", (source,))
    before = build_module.source_fingerprint("local")
    os.utime(source / "module.py", (0, 0))
    (source / "__pycache__" / "module.pyc").write_bytes(b"")
    assert build_module.source_fingerprint("local") == before
    (source / "module.py").write_text("x = 2\n")
    assert build_module.source_fingerprint("local") != before


def test_local_stage_uses_this_python_and_other_stages_the_templates() -> None:
    assert stage_names() == ["local", "dev", "prod"]
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert effective_parameters("local")["PythonRuntime"] == here
    assert effective_parameters("local")["AllowInsecureWebhooks"] == "true"
    for stage in ("dev", "prod"):
        assert effective_parameters(stage)["AllowInsecureWebhooks"] == "false"
        assert effective_parameters(stage)["Architecture"] == "arm64"
