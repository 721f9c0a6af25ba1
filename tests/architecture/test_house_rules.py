"""Rules of the code base that linters do not check."""

import ast
import re

import pytest

from tests.architecture.sources import FEATURES, Source, sources

NAMES_THAT_SAY_NOTHING = {
    "base", "common", "core", "helper", "helpers", "manager", "managers", "misc", "shared", "tools", "util", "utils",
}  # fmt: skip

TIME_AND_CHANCE = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.sleep", "time.time", "time.monotonic",
    "random.random", "random.choice", "random.randint", "random.uniform", "secrets.token_bytes", "secrets.token_hex",
    "secrets.token_urlsafe", "secrets.choice", "os.urandom", "uuid4", "uuid.uuid4", "uuid1", "uuid.uuid1",
    "SystemRandom", "Random",
}  # fmt: skip

ALLOWED = {
    ("latchhook.clock", "datetime.now"),
    ("latchhook.bootstrap.environment", "SystemRandom"),
    # Defaults of injected parameters.
    ("latchhook.optimistic_locking", "time.sleep"),
    ("latchhook.workers.attempt_threads", "time.sleep"),
    ("latchhook.storage.database", "time.sleep"),
    ("latchhook.transport.queues", "time.sleep"),
    ("latchhook.transport.published_keys", "time.monotonic"),
    ("latchhook.transport.outbound_http", "time.monotonic"),
    ("latchhook.transport.outbound_http", "time.time"),
}


def test_module_names_are_specific() -> None:
    parts = {part for source in sources() for part in (source.path.stem, source.path.parent.name)}
    assert parts & NAMES_THAT_SAY_NOTHING == set()


def test_function_files_are_unique() -> None:
    names = [source.path.stem for source in sources() if source.part == "functions"]
    assert len(names) == len(set(names))


def test_packages_export_nothing() -> None:
    assert [source.module for source in sources() if source.path.name == "__init__.py" and source.tree.body] == []


def test_function_folders_have_no_private_modules() -> None:
    assert [source.module for source in sources() if source.part == "functions" and source.path.name[0] == "_"] == []


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.module)
def test_module_docstring_starts_with_one_sentence(source: Source) -> None:
    if source.path.name == "__init__.py":
        return
    text = ast.get_docstring(source.tree)
    assert text
    assert text.partition("\n\n")[0].rstrip().endswith((".", "?", ".)"))


def test_time_and_randomness_are_injected() -> None:
    used = {
        (source.module, name)
        for source in sources()
        for name, line in source.calls_and_names
        if name in TIME_AND_CHANCE and not (name == "Random" and line in _lines_of_annotations(source))
    }
    assert used == ALLOWED


def _lines_of_annotations(source: Source) -> set[int]:
    """Return the lines of annotations, where `rng: Random` is a type and not a source of randomness."""
    lines: set[int] = set()
    for node in ast.walk(source.tree):
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(annotation, ast.expr) and "Random" in ast.unparse(annotation):
                lines.add(annotation.lineno)
    return lines


def test_no_table_is_scanned() -> None:
    scanning = [
        f"{source.module}:{line}"
        for source in sources()
        for name, line in source.calls_and_names
        if re.search(r"(^|[._])scan($|\()", name, re.IGNORECASE)
    ]
    assert scanning == []


def test_features_and_storage_do_not_use_problem_documents() -> None:
    """Features define typed errors, and one module maps them to statuses."""
    speaking = {
        source.module
        for source in sources()
        if source.part in {*FEATURES, "storage"} and any("problem" in name.lower() for name in source.imports)
    }
    assert speaking == set()


def test_entry_points_do_not_build_lambda_responses() -> None:
    own = {"reference.get_openapi"}  # returns a file without the edge
    answering = {
        source.module
        for source in sources()
        if source.part == "functions" and "statusCode" in source.path.read_text(encoding="utf-8")
    }
    assert answering == own


@pytest.mark.parametrize(
    "source", [each for each in sources() if each.part == "functions"], ids=lambda source: source.module
)
def test_entry_point_has_at_most_60_lines(source: Source) -> None:
    assert len(source.path.read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.module)
def test_module_has_at_most_400_lines(source: Source) -> None:
    assert len(source.path.read_text(encoding="utf-8").splitlines()) <= 400
