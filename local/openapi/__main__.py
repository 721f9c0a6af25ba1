"""`python -m local.openapi` writes functions/reference/openapi.json; with `--check` it says whether that is stale."""

import os
import sys

from local.stages import ROOT

DOCUMENT = ROOT / "functions" / "reference" / "openapi.json"

# Functions build their clients when they are imported. That calls nobody, but it wants a region and keys.
os.environ |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
sys.path[:0] = [str(ROOT / "functions"), str(ROOT / "layers" / "core")]

from local.openapi.document import document_text  # noqa: E402 - after the path is set


def main(arguments: list[str]) -> int:
    """The exit code: 1 if the document is stale and was only to be checked."""
    wanted = document_text()
    if arguments == ["--check"]:
        if DOCUMENT.is_file() and DOCUMENT.read_text(encoding="utf-8") == wanted:
            return 0
        print(f"{DOCUMENT.relative_to(ROOT)} is stale: run `make openapi`.", file=sys.stderr)
        return 1
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
