"""docs/reference/events.md shows every system event with a payload that the code can send."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from latchhook.webhooks.redelivery import TEST_ENTITY, TEST_EVENT
from latchhook.workers.system_events import SYSTEM_EVENTS
from tests.docs.pages import ROOT, code, page, rows

PAGE = "reference/events.md"
DOCUMENT = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
PAYLOADS: dict[str, Any] = {
    title: json.loads(block)
    for title, block in re.findall(r"^### ([\w.]+)\n.*?```json\n(.*?)```", page(PAGE), re.MULTILINE | re.DOTALL)
}


def test_page_shows_every_system_event_and_the_test_event() -> None:
    assert list(PAYLOADS) == [*SYSTEM_EVENTS, TEST_EVENT]
    assert [code(row["event"]) for row in rows(PAGE, first="event")] == list(PAYLOADS)


@pytest.mark.parametrize("name", PAYLOADS)
def test_payload_has_the_fields_of_a_delivery(name: str) -> None:
    payload = PAYLOADS[name]
    schema = DOCUMENT["components"]["schemas"]["Event"]

    assert payload["event"] == name
    assert list(payload) == list(schema["properties"])


@pytest.mark.parametrize("name", SYSTEM_EVENTS)
def test_entity_is_the_response_and_the_details_of_the_event(name: str) -> None:
    entity = dict(PAYLOADS[name]["entity"])
    details = [entity.pop(detail) for detail in SYSTEM_EVENTS[name]]
    if name.startswith("member."):
        assert entity == {"userId": "auth0|64f0c2a1", "accountId": "acme"}
        return
    if name.startswith("oauth_"):
        assert (list(entity), all(details)) == (["id", "accountId"], True)
        return
    schema = "Webhook" if name.startswith("webhook.") else "ApiKey"

    assert all(details)
    assert entity.keys() == DOCUMENT["components"]["schemas"][schema]["properties"].keys()
    Draft202012Validator({"$ref": f"#/components/schemas/{schema}", **DOCUMENT}).validate(entity)


def test_payload_of_the_test_event_has_its_default_entity() -> None:
    assert PAYLOADS[TEST_EVENT]["entity"] == TEST_ENTITY
