"""Runs `ministack` with four changes. Start it by path, as a separate process.

- All processes of the functions share one unpacked copy of their code and layers. The emulator alone unpacks a copy for
  every process: 50 MB in 1,400 files, gigabytes in a test run. As in Lambda, a function writes nothing there.
- An item that a PartiQL statement inserts appears in the table's stream, as in AWS.
- SAM's transform receives the values of the template's parameters.
- An HTTP API takes its CORS configuration from its OpenAPI `Body`, and answers preflight requests as AWS does.

`local/emulator_guard.py` decides which callers may use it.
"""

import hashlib
import importlib
import os
import runpy
import sys
import tempfile
import threading
import zipfile
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

UNPACKED = Path(tempfile.gettempdir()) / "unpacked"

_extract = zipfile.ZipFile.extractall
_unpacking = threading.Lock()


def extract_once(archive: zipfile.ZipFile, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
    """Replace `ZipFile.extractall`: replace `path` with a link to the shared unpacked copy of an archive file.

    The archive is a temporary copy of the emulator's and is deleted here, before it is written to the disk.
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
    """Make the emulator's `dynamodb` put items of PartiQL inserts into the table's stream."""
    insert = dynamodb._partiql_insert

    def inserted(table: Any, parsed: Any) -> Any:
        response = insert(table, parsed)
        if response[0] == 200:
            item = parsed["item"]
            dynamodb._emit_stream_event(table["TableName"], "INSERT", None, item["M"] if set(item) == {"M"} else item)
        return response

    dynamodb._partiql_insert = inserted


def apply_cors(gateway: Any, provisioners: Any) -> None:
    """Make the emulator's `gateway` and CloudFormation `provisioners` treat CORS of HTTP APIs as AWS does."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create, preflight = handlers["create"], gateway._cors_preflight_response

    def created(logical_id: str, props: Any, stack_name: str) -> Any:
        cors = (props.get("Body") or {}).get("x-amazon-apigateway-cors")
        return create(logical_id, {"CorsConfiguration": cors, **props} if cors else props, stack_name)

    def answered(cors: Any, origin: str) -> Any:
        response = preflight(cors, origin)
        # AWS answers 204 without CORS headers to an origin that is not allowed.
        return response if response[0] == 204 else (204, {}, b"")

    gateway._cors_preflight_response = answered
    handlers["create"] = created


def pass_parameters(engine: Any, sam: Any, callers: Sequence[Any]) -> None:
    """Pass parameter values to the transform of `sam`, as AWS does and the emulator's `engine` does not.

    SAM writes the values into `CorsConfiguration`. `callers` are the modules that apply transforms.
    """
    apply, transform = engine._apply_transforms, sam.transform
    values: ContextVar[dict[str, str]] = ContextVar("values")

    def transformed(template: Any, _: Any, *others: Any) -> Any:
        return transform(template, values.get(), *others)

    def applied(template: Any, provided: Any = None, previous: Any = None) -> Any:
        token = values.set(engine._transform_parameters(template, provided, previous))
        try:
            return apply(template, provided, previous)
        finally:
            values.reset(token)

    sam.transform = transformed
    for module in callers:
        module._apply_transforms = applied


def guard_application(secret: str) -> None:
    """Put the guard in front of the emulator's application."""
    sys.path.insert(0, str(Path(__file__).parent))
    guard = importlib.import_module("emulator_guard")
    application: Any = importlib.import_module("ministack.app")
    router = importlib.import_module("ministack.core.router")
    evaluator = importlib.import_module("ministack.core.iam_evaluator")

    def is_known(access_key_id: str) -> bool:
        if evaluator.is_root_access_key(access_key_id):  # `test`, any 12 digits and no key at all are also root keys
            return False
        return not isinstance(evaluator.resolve_credential(access_key_id), evaluator.CredentialResolutionError)

    application.app = guard.Guard(
        application.app,
        secret=secret,
        root_key=os.environ["AWS_ACCESS_KEY_ID"],
        access_key_of=router.extract_access_key_id,
        is_known=is_known,
    )


if __name__ == "__main__":
    # Removed from the environment, which the functions inherit.
    guard_application(os.environ.pop("FRONT_SECRET"))
    apply_cors(
        importlib.import_module("ministack.services.apigateway"),
        importlib.import_module("ministack.services.cloudformation.provisioners"),
    )
    cloudformation = "ministack.services.cloudformation"
    pass_parameters(
        importlib.import_module(f"{cloudformation}.engine"),
        importlib.import_module("samtranslator.translator.transform"),
        [importlib.import_module(f"{cloudformation}.{name}") for name in ("changesets", "handlers")],
    )
    stream_insertions(importlib.import_module("ministack.services.dynamodb"))
    zipfile.ZipFile.extractall = extract_once  # type: ignore[method-assign, assignment]
    runpy.run_module("ministack", run_name="__main__")
