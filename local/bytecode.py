"""Compiles the bytecode of every module of the build, for the Python that runs this file.

Run `pythonX.Y bytecode.py DIRECTORY`. Each directory inside is one function's code or one layer. This file uses the
standard library only, because it runs in the Lambda runtime's Python and not in the project's environment.
"""

import importlib.util
import py_compile
import shutil
import sys
from pathlib import Path


def compile_artefacts(build: Path) -> None:
    """Compile each distinct module once. Functions with the same source share the result."""
    compiled: dict[tuple[str, bytes], Path] = {}
    for artefact in sorted(path for path in build.iterdir() if path.is_dir()):
        mounted_at = Path("/opt" if (artefact / "python").is_dir() else "/var/task")
        for module in sorted(artefact.rglob("*.py")):
            name = str(mounted_at / module.relative_to(artefact))
            target = Path(importlib.util.cache_from_source(str(module)))
            known = compiled.setdefault((name, module.read_bytes()), target)
            if known == target:
                _compile(module, target, name)
            elif known.is_file():
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(known, target)


def _compile(module: Path, target: Path, name: str) -> None:
    # Unchecked, because archives change the modification times, and the files themselves cannot change.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    try:
        py_compile.compile(str(module), cfile=str(target), dfile=name, doraise=True, invalidation_mode=mode)
    except py_compile.PyCompileError as error:
        print(f"No bytecode: {error}", file=sys.stderr)  # some packages contain templates that are not Python


if __name__ == "__main__":
    compile_artefacts(Path(sys.argv[1]))
