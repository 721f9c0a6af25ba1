"""Changes to the emulator: shared unpacked archives, inserts in streams, CORS, and parameters of the transform."""

import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local import emulated_aws

LAYER = {"python/package/module.py": "x = 1\n", "top.txt": "y\n"}


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(emulated_aws, "UNPACKED", tmp_path / "unpacked")
    return tmp_path


def unpacked(directory: Path, process: str, files: dict[str, str], members: list[str] | None = None) -> Path:
    """Unpack an archive for one process, and return the directory of its code."""
    code = directory / process / "code"
    code.mkdir(parents=True)
    with zipfile.ZipFile(directory / "code.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    with zipfile.ZipFile(directory / "code.zip") as archive:
        emulated_aws.extract_once(archive, str(code), members)
    return code


def contents(code: Path) -> dict[str, str]:
    return {str(path.relative_to(code)): path.read_text() for path in code.rglob("*") if path.is_file()}


def test_processes_share_one_unpacked_copy(directory: Path) -> None:
    one, two = (unpacked(directory, process, LAYER) for process in ("one", "two"))
    assert contents(one) == contents(two) == LAYER
    assert (one / "top.txt").samefile(two / "top.txt")


def test_different_archive_of_same_name_is_unpacked_separately(directory: Path) -> None:
    before, after = unpacked(directory, "before", LAYER), unpacked(directory, "after", {"top.txt": "z\n"})
    assert (contents(before), contents(after)) == (LAYER, {"top.txt": "z\n"})


def test_end_of_one_process_keeps_the_files_of_others(directory: Path) -> None:
    one, two = (unpacked(directory, process, LAYER) for process in ("one", "two"))
    shutil.rmtree(one.parent)
    assert contents(two) == LAYER


def test_archive_is_deleted_after_unpacking(directory: Path) -> None:
    unpacked(directory, "one", LAYER)
    assert not (directory / "code.zip").exists()


def test_single_members_are_unpacked_without_sharing(directory: Path) -> None:
    assert contents(unpacked(directory, "some", LAYER, ["top.txt"])) == {"top.txt": "y\n"}
    assert not emulated_aws.UNPACKED.exists()


@pytest.mark.parametrize("item", [{"pk": {"S": "a"}}, {"M": {"pk": {"S": "a"}}}], ids=["item", "map"])
@pytest.mark.parametrize("status", [200, 400])
def test_only_inserted_items_reach_the_stream(status: int, item: dict[str, Any]) -> None:
    streamed: list[tuple[Any, ...]] = []
    dynamodb = SimpleNamespace(
        _partiql_insert=lambda *_: (status, {}, b"{}"),
        _emit_stream_event=lambda *change: streamed.append(change),
    )
    emulated_aws.stream_insertions(dynamodb)
    assert dynamodb._partiql_insert({"TableName": "Deliveries"}, {"item": item}) == (status, {}, b"{}")
    assert streamed == ([("Deliveries", "INSERT", None, {"pk": {"S": "a"}})] if status == 200 else [])


def test_http_api_takes_cors_from_its_body_and_answers_preflights_with_204() -> None:
    made: list[Any] = []
    handlers = {"create": lambda _id, props, _stack: made.append(props)}
    gateway = SimpleNamespace(_cors_preflight_response=lambda _cors, _origin: (403, {"X": "y"}, b"{}"))
    emulated_aws.apply_cors(gateway, SimpleNamespace(_RESOURCE_HANDLERS={"AWS::ApiGatewayV2::Api": handlers}))
    handlers["create"]("Api", {"Body": {"x-amazon-apigateway-cors": {"allowOrigins": ["*"]}}}, "stack")
    handlers["create"]("Api", {"Body": {}}, "stack")
    assert [props.get("CorsConfiguration") for props in made] == [{"allowOrigins": ["*"]}, None]
    assert gateway._cors_preflight_response({}, "") == (204, {}, b"")


def test_sam_transform_gets_parameter_values() -> None:
    sam = SimpleNamespace(transform=lambda template, values: (template, values))
    engine = SimpleNamespace(
        _apply_transforms=lambda template, _provided, _previous: sam.transform(template, {}),
        _transform_parameters=lambda _template, provided, _previous: {"Stage": provided},
    )
    caller = SimpleNamespace()
    emulated_aws.pass_parameters(engine, sam, [caller])
    assert caller._apply_transforms("template", "dev") == ("template", {"Stage": "dev"})
