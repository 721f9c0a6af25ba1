"""Runs `ministack` so that the processes of its functions share one unpacked copy of their code and layers.

The emulator unpacks them anew for every process: 50 MB in 1,400 files, of which a test run made gigabytes. As in
Lambda, a function writes nothing there. What PartiQL statements insert into a table it leaves out of the table's
stream, where AWS has it: here it stands there. Started by path, as a process of its own.
"""

import hashlib
import importlib
import runpy
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any

UNPACKED = Path(tempfile.gettempdir()) / "unpacked"

_extract = zipfile.ZipFile.extractall
_unpacking = threading.Lock()


def extract_once(archive: zipfile.ZipFile, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
    """`ZipFile.extractall`, for whole archive files by a link to what was unpacked before, in place of `path`.

    The archive is a copy that was made to be unpacked; it goes before it is written to the disk.
    """
    if archive.filename is None or path is None or members is not None:
        _extract(archive, path, members, pwd)
        return
    with Path(archive.filename).open("rb") as file:
        shared = UNPACKED / hashlib.file_digest(file, "sha256").hexdigest()
    with _unpacking:
        if not shared.exists():
            _extract(archive, shared.with_suffix(".new"))
            shared.with_suffix(".new").rename(shared)
    Path(path).rmdir()
    Path(path).symlink_to(shared, target_is_directory=True)
    Path(archive.filename).unlink()


def stream_insertions(dynamodb: Any) -> None:
    """Has the emulator's `dynamodb` put what a PartiQL statement inserts into the table's stream."""
    insert = dynamodb._partiql_insert

    def inserted(table: Any, parsed: Any) -> Any:
        answer = insert(table, parsed)
        if answer[0] == 200:
            item = parsed["item"]
            dynamodb._emit_stream_event(table["TableName"], "INSERT", None, item["M"] if set(item) == {"M"} else item)
        return answer

    dynamodb._partiql_insert = inserted


if __name__ == "__main__":
    stream_insertions(importlib.import_module("ministack.services.dynamodb"))
    zipfile.ZipFile.extractall = extract_once  # type: ignore[method-assign, assignment]
    runpy.run_module("ministack", run_name="__main__")
