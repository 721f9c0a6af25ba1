"""The product's source files with their imports and names, for the architecture rules."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "core" / "latchhook"
FUNCTIONS = ROOT / "functions"
FEATURES = ("api_keys", "webhooks", "permissions", "identity", "members", "oauth")


@dataclass(frozen=True)
class Source:
    """One module. `part` is its folder, or the module's own name at the top level."""

    module: str
    part: str
    path: Path
    tree: ast.Module

    @property
    def imports(self) -> set[str]:
        """The modules that it imports at run time, anywhere in the file. `from a import b` is `a.b`."""
        return set(_imported(self.tree))

    @property
    def calls_and_names(self) -> Iterator[tuple[str, int]]:
        """The dotted names that it uses, with their lines."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute | ast.Name):
                yield ast.unparse(node), node.lineno


@cache
def sources() -> tuple[Source, ...]:
    """Return every module of the package and of the functions."""
    return tuple([_package_source(path) for path in sorted(PACKAGE.rglob("*.py"))]) + tuple(
        _source(f"{path.parent.name}.{path.stem}", "functions", path) for path in sorted(FUNCTIONS.glob("*/*.py"))
    )


def _package_source(path: Path) -> Source:
    inside = path.relative_to(PACKAGE).with_suffix("").parts
    names = inside[:-1] if inside[-1] == "__init__" else inside
    return _source(".".join(("latchhook", *names)), inside[0], path)


def _source(module: str, part: str, path: Path) -> Source:
    return Source(module, part, path, ast.parse(path.read_text(encoding="utf-8")))


def _imported(node: ast.AST) -> Iterator[str]:
    """Yield run-time imports: without those under `if TYPE_CHECKING:`, with those inside functions."""
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        for otherwise in node.orelse:
            yield from _imported(otherwise)
        return
    if isinstance(node, ast.Import):
        yield from (name.name for name in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports hide where a module comes from"
        yield from (f"{node.module}.{name.name}" for name in node.names)
    for inner in ast.iter_child_nodes(node):
        yield from _imported(inner)
