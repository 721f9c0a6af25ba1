"""`python -m local.openapi` writes openapi.json and the table of routes. `--check` reports outdated files instead."""

import json
import os
import sys

from local.declared_functions import declared_methods
from local.stages import ROOT

DOCUMENT = ROOT / "functions" / "reference" / "openapi.json"
ROUTES = ROOT / "layers" / "core" / "latchhook" / "edge" / "routes.json"

# Functions create their clients at import. That sends no request, but requires a region and keys.
os.environ |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
sys.path[:0] = [str(ROOT / "functions"), str(ROOT / "layers" / "core")]

from latchhook.settings import REQUIRED  # noqa: E402 - after the path is set

os.environ |= dict.fromkeys(REQUIRED, "none")

from local.openapi.document import document_text  # noqa: E402 - after the path is set


def main(arguments: list[str]) -> int:
    """Write the files, or compare them with `--check`. The exit code is 1 if a compared file is outdated."""
    wanted = {DOCUMENT: document_text(), ROUTES: json.dumps(declared_methods(), indent=2) + "\n"}
    if arguments != ["--check"]:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is stale: run `make openapi`.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
