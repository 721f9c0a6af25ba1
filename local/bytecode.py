"""Puts bytecode beside every module of built artefacts, for the interpreter that runs this.

`pythonX.Y bytecode.py DIRECTORY`, where each directory inside is one function's code or one layer. Standard
library only: the interpreter is the Lambda runtime's, not this project's.
"""

import importlib.util
import py_compile
import shutil
import sys
from pathlib import Path


def compile_artefacts(build: Path) -> None:
    """Compile each distinct module once; functions built from one source share what comes out."""
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
    # Unchecked: archives change the files' times, and nothing can change the files themselves.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    try:
        py_compile.compile(str(module), cfile=str(target), dfile=name, doraise=True, invalidation_mode=mode)
    except py_compile.PyCompileError as error:
        print(f"left without bytecode: {error}", file=sys.stderr)  # some packages ship templates


if __name__ == "__main__":
    compile_artefacts(Path(sys.argv[1]))
