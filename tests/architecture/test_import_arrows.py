"""Imports have one direction: functions → workers → edge → features ← storage, transport. Only bootstrap imports all
parts.
"""

import ast
import sys

import pytest

from tests.architecture.sources import FEATURES, Source, sources

BASICS = {
    "canonical_json",
    "clock",
    "optimistic_locking",
    "names",
    "dependency_errors",
    "pages",
    "rates",
    "idempotency_records",
}
MAY_IMPORT: dict[str, set[str]] = {
    **{feature: {*FEATURES, *BASICS, "audit", "deployment_objects"} for feature in FEATURES},
    "edge": {*FEATURES, *BASICS, "audit", "audit_log", "edge", "telemetry"},
    "workers": {*FEATURES, *BASICS, "audit", "audit_log", "edge", "workers", "telemetry"},
    "storage": {*FEATURES, *BASICS, "audit", "audit_log", "deployment_objects", "storage", "aws"},
    "transport": {*FEATURES, *BASICS, "transport", "aws"},
    "functions": {
        *FEATURES,
        *BASICS,
        "audit",
        "edge",
        "workers",
        "telemetry",
        "bootstrap",
        "transport.queues",
        "transport.drain_queue",
    },
    "audit": {"identity"},
    "audit_log": set(),
    "deployment_objects": {"audit", "canonical_json", "optimistic_locking"},
    "aws": {"dependency_errors"},
    "settings": set(),
    "telemetry": set(),
    "canonical_json": set(),
    "clock": set(),
    "optimistic_locking": {"dependency_errors"},
    "names": set(),
    "dependency_errors": set(),
    "pages": set(),
    "rates": set(),
    "idempotency_records": set(),
    "__init__": set(),
}
"""The allowed imports of each part of the package. A new part needs an entry."""

KNOWS_ALL = "bootstrap"

NO_OUTSIDE_WORLD = {
    "asyncio", "concurrent", "glob", "http", "io", "multiprocessing", "os", "pathlib", "shutil", "signal", "smtplib",
    "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib",
}  # fmt: skip
"""Modules of the standard library that a pure feature does not use."""

PURE = "urllib.parse"
"""The only module of `NO_OUTSIDE_WORLD` that neither reads nor sends anything."""

THIRD_PARTY_OF_FEATURES = {"cryptography", "idna", "jsonschema_rs", "jwt"}


def part_of(imported: str) -> str:
    """Return the imported part of the package, for example `transport.queues` for `latchhook.transport.queues.x`."""
    parts = imported.split(".")[1:]
    return ".".join(parts[:2]) if parts[0] == "transport" else parts[0]


def own_imports(source: Source) -> set[str]:
    return {name for name in source.imports if name.startswith("latchhook.")}


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.module)
def test_module_imports_only_allowed_parts(source: Source) -> None:
    if source.part == KNOWS_ALL:
        return
    allowed = MAY_IMPORT[source.part]
    strange = {
        name
        for name in own_imports(source)
        if part_of(name) not in allowed and part_of(name).partition(".")[0] not in allowed
    }
    assert strange == set()


def test_only_functions_import_bootstrap() -> None:
    importing = {source.part for source in sources() if any("bootstrap" in name for name in own_imports(source))}
    assert importing == {"functions", "bootstrap"}


def test_http_functions_use_all_of_edge_and_nothing_of_workers() -> None:
    """Modules that only functions of queues, streams and schedules need belong to workers."""
    by_module = {source.module: source for source in sources()}
    waiting = [each for each in sources() if each.part == "functions" and not each.module.startswith("workers.")]
    assert not any(part_of(name) == "workers" for source in waiting for name in own_imports(source))
    reached: set[str] = set()
    while waiting:
        source = waiting.pop()
        texts = [node.value for node in ast.walk(source.tree) if isinstance(node, ast.Constant)]
        names = own_imports(source) | {str(text).partition(":")[0] for text in texts}  # a body's schema is a text
        found = {name if name in by_module else name.rpartition(".")[0] for name in names} & by_module.keys()
        waiting += [by_module[name] for name in found - reached]
        reached |= found
    of_edge = {source.module for source in sources() if source.part == "edge" and source.path.name != "__init__.py"}
    assert of_edge - reached == set()


def test_no_module_imports_a_function() -> None:
    functions = {source.module for source in sources() if source.part == "functions"}
    groups = {name.partition(".")[0] for name in functions}
    for source in sources():
        assert {name.partition(".")[0] for name in source.imports} & groups == set(), source.module


@pytest.mark.parametrize(
    "source", [each for each in sources() if each.part in FEATURES], ids=lambda source: source.module
)
def test_feature_does_not_import_io_modules(source: Source) -> None:
    outside = {name.partition(".")[0] for name in source.imports if not name.startswith(PURE)} - {"latchhook"}
    assert outside & NO_OUTSIDE_WORLD == set()
    assert outside - sys.stdlib_module_names <= THIRD_PARTY_OF_FEATURES


@pytest.mark.parametrize("package", ["boto3", "requests"])
def test_slow_package_is_not_imported(package: str) -> None:
    assert [
        source.module for source in sources() if any(name.split(".")[0] == package for name in source.imports)
    ] == []


def test_environment_is_read_in_one_place() -> None:
    reading = {
        source.module
        for source in sources()
        for name, _ in source.calls_and_names
        if name in {"os.environ", "os.getenv", "environ", "getenv"}
    }
    assert reading == {"latchhook.bootstrap.environment"}


def test_only_transport_sends_http() -> None:
    outside = {"urllib3", "http", "socket", "ssl", "urllib", "requests", "httpx"}
    sending = {
        source.part
        for source in sources()
        if {name.split(".")[0] for name in source.imports if not name.startswith("urllib.parse")} & outside
    }
    assert sending <= {"transport"}


def test_only_edge_schemas_use_pydantic() -> None:
    using = {source.module for source in sources() if any(name.startswith("pydantic") for name in source.imports)}
    assert {name.rpartition(".")[0] for name in using} <= {"latchhook.edge.schemas"}


def test_imports_are_detected() -> None:
    """Checks the detection that all rules above depend on."""
    endpoint = next(source for source in sources() if source.module == "latchhook.edge.endpoint")
    assert "latchhook.telemetry.logger" in endpoint.imports
    assert "pydantic.BaseModel" not in endpoint.imports  # under TYPE_CHECKING
    assert "latchhook.edge.schemas.validation.validate" in endpoint.imports  # inside a function
