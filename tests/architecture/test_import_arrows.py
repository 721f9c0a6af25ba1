"""Arrows point one way: functions → edge → features ← storage, transport; only bootstrap knows all."""

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
    **{feature: {*FEATURES, *BASICS, "audit"} for feature in FEATURES},
    "edge": {*FEATURES, *BASICS, "audit", "audit_log", "edge", "telemetry"},
    "storage": {*FEATURES, *BASICS, "audit", "audit_log", "storage", "aws"},
    "transport": {*FEATURES, *BASICS, "transport", "aws"},
    "functions": {
        *FEATURES,
        *BASICS,
        "audit",
        "edge",
        "telemetry",
        "bootstrap",
        "transport.queues",
        "transport.step_queues",
    },
    "audit": {"identity"},
    "audit_log": set(),
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
"""Parts of the package, and what each may import of it. A new part has to be thought about here."""

KNOWS_ALL = "bootstrap"

NO_OUTSIDE_WORLD = {
    "asyncio", "concurrent", "glob", "http", "io", "multiprocessing", "os", "pathlib", "shutil", "signal", "smtplib",
    "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib",
}  # fmt: skip
"""Of the standard library, what has no place in a pure feature."""

THIRD_PARTY_OF_FEATURES = {"cryptography", "jsonschema_rs", "jwt"}


def part_of(imported: str) -> str:
    """The part of the package that an import names: `latchhook.transport.queues.x` is `transport.queues`."""
    parts = imported.split(".")[1:]
    return ".".join(parts[:2]) if parts[0] == "transport" else parts[0]


def own_imports(source: Source) -> set[str]:
    return {name for name in source.imports if name.startswith("latchhook.")}


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.module)
def test_module_imports_only_what_its_part_may(source: Source) -> None:
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
    assert importing == {"functions"}


def test_package_imports_no_function_and_no_function_another() -> None:
    functions = {source.module for source in sources() if source.part == "functions"}
    groups = {name.partition(".")[0] for name in functions}
    for source in sources():
        assert {name.partition(".")[0] for name in source.imports} & groups == set(), source.module


@pytest.mark.parametrize(
    "source", [each for each in sources() if each.part in FEATURES], ids=lambda source: source.module
)
def test_feature_knows_nothing_of_the_world_outside(source: Source) -> None:
    outside = {name.partition(".")[0] for name in source.imports} - {"latchhook"}
    assert outside & NO_OUTSIDE_WORLD == set()
    assert outside - sys.stdlib_module_names <= THIRD_PARTY_OF_FEATURES


@pytest.mark.parametrize("package", ["boto3", "requests"])
def test_package_that_starts_slowly_is_imported_nowhere(package: str) -> None:
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
    assert reading == {"latchhook.bootstrap"}


def test_http_goes_out_in_transport_only() -> None:
    outside = {"urllib3", "http", "socket", "ssl", "urllib", "requests", "httpx"}
    sending = {
        source.part
        for source in sources()
        if {name.split(".")[0] for name in source.imports if not name.startswith("urllib.parse")} & outside
    }
    assert sending <= {"transport"}


def test_pydantic_stands_at_the_edge_only() -> None:
    using = {source.module for source in sources() if any(name.startswith("pydantic") for name in source.imports)}
    assert {name.rpartition(".")[0] for name in using} <= {"latchhook.edge.schemas"}


def test_arrows_are_seen_by_the_test() -> None:
    """What the rules above would say of a module that breaks them."""
    endpoint = next(source for source in sources() if source.module == "latchhook.edge.endpoint")
    assert "latchhook.telemetry.logger" in endpoint.imports
    assert "pydantic.BaseModel" not in endpoint.imports  # for type checkers only
    assert "latchhook.edge.schemas.validation.validate" in endpoint.imports  # inside a function
