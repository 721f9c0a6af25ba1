"""Request bodies: strict validation, a pointer for each finding, and no submitted values in the findings."""

import importlib
import json
import pkgutil
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from latchhook.clock import from_millis, rfc3339, to_millis
from latchhook.edge import schemas
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.schemas.api_keys import CreateKeyBody, GenerateKeyBody, RotateKeyBody
from latchhook.edge.schemas.event_types import PutEventTypeBody
from latchhook.edge.schemas.events import PublishEventBody
from latchhook.edge.schemas.validation import MAX_FINDINGS, RequestBody, validate
from latchhook.edge.schemas.webhook_secrets import RotateWebhookSecretBody
from latchhook.edge.schemas.webhook_settings import WebhookSettingsBody
from latchhook.edge.schemas.webhooks import ChangedWebhook, CreateWebhookBody

KEY = {"name": "Shop"}
EVENT = {"accountId": "acct_1", "event": "lap.created", "entity": {}}
WEBHOOK = {"url": "https://receiver.example/"}


def _pointers(model: type[BaseModel], document: Any) -> list[str]:
    with pytest.raises(InvalidFieldsError) as refused:
        validate(model, document)
    return [error.pointer for error in refused.value.errors]


class Inner(RequestBody):
    some_number: int


class Outer(RequestBody):
    inner_list: list[Inner]
    by_name: dict[str, Inner]


def test_pointer_leads_through_lists_and_objects() -> None:
    document = {"innerList": [{"someNumber": 1}, {"someNumber": "1"}], "byName": {"a/b~c": {}}}

    assert _pointers(Outer, document) == ["/innerList/1/someNumber", "/byName/a~1b~0c/someNumber"]


def test_unknown_fields_are_refused_by_name() -> None:
    assert _pointers(CreateKeyBody, {**KEY, "credits~/": 5, "scope": []}) == ["/credits~0~1", "/scope"]


def test_fields_are_camel_case_only() -> None:
    assert _pointers(CreateKeyBody, {**KEY, "expires_at": None}) == ["/expires_at"]


@pytest.mark.parametrize("document", [None, [], "text", 5, True])
def test_body_that_is_no_object_is_refused_as_a_whole(document: Any) -> None:
    assert _pointers(CreateKeyBody, document) == [""]


def test_findings_are_sentences_without_submitted_values() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        validate(
            CreateKeyBody, {"name": ["s3cret"], "scopes": ["s3cret!"], "expiresAt": "s3cret", "metadata": "s3cret"}
        )

    assert "s3cret" not in str(refused.value)
    assert all(error.detail.endswith(".") for error in refused.value.errors)


def test_number_of_findings_is_limited() -> None:
    assert len(_pointers(CreateKeyBody, {f"unknown{number}": 1 for number in range(30_000)})) == MAX_FINDINGS == 100


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", None), ("name", 5), ("name", "x" * 256), ("name", "a\nb"), ("name", "a\x00"),
        ("name", "\ud800"), ("name", "\u2028"), ("description", "x" * 1001), ("description", 5),
        ("scopes", "orders:read"), ("scopes", ["orders"]), ("scopes", [5]), ("scopes", ["a:b"] * 51), ("scopes", None),
        ("expiresAt", 5), ("expiresAt", "2027-01-20"), ("expiresAt", "2027-01-20T00:00:00"),
        ("expiresAt", "2027-02-30T00:00:00Z"), ("expiresAt", "2027-01-20 00:00:00Z"), ("expiresAt", "soon"),
        ("expiresAt", "2027-01-20T24:00:01Z"), ("expiresAt", "٢٠٢٧-01-20T00:00:00Z"),
        ("expiresAt", "9999-12-31T23:59:59-01:00"), ("expiresAt", "0001-01-01T00:00:00+01:00"),
        ("expiresAt", "2027-01-20T00:00:00+99:99"), ("metadata", []), ("metadata", None),
        ("metadata", {"x": float("inf")}), ("metadata", {"x": "\ud800"}), ("metadata", {"\udfff": 1}),
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_invalid_field_of_a_new_key_is_refused_with_pointer(field: str, value: Any) -> None:
    pointers = _pointers(CreateKeyBody, KEY | {field: value})

    assert pointers
    assert all(pointer == f"/{field}" or pointer.startswith(f"/{field}/") for pointer in pointers)


def test_new_key_needs_a_name_except_an_integration_key() -> None:
    assert _pointers(CreateKeyBody, {}) == ["/name"]
    assert validate(GenerateKeyBody, {}).name is None
    assert validate(GenerateKeyBody, {"name": None}).name is None


def test_settings_of_a_new_key_are_read_completely() -> None:
    body = validate(
        CreateKeyBody,
        {
            "name": "Zoë \U0001f3c1",
            "description": None,
            "scopes": ["a:b"],
            "expiresAt": "2027-01-20T01:02:03.5+01:00",
            "metadata": {"a": [1]},
        },
    )

    settings = body.settings()
    assert (settings.name, settings.description, settings.scopes) == ("Zoë \U0001f3c1", None, ("a:b",))
    assert settings.expires_at == datetime(2027, 1, 20, 0, 2, 3, 500_000, tzinfo=UTC)
    assert settings.metadata == {"a": [1]}


@pytest.mark.parametrize("filler", ["x", "é", "\U0001f3c1"])
def test_metadata_is_limited_to_four_kibibytes_of_json(filler: str) -> None:
    empty = len(json.dumps({"a": ""}, separators=(",", ":")))
    count = (4096 - empty) // len(filler.encode())
    padding = "x" * ((4096 - empty) % len(filler.encode()))

    assert validate(CreateKeyBody, {**KEY, "metadata": {"a": padding + filler * count}})
    assert _pointers(CreateKeyBody, {**KEY, "metadata": {"a": padding + filler * count + "x"}}) == ["/metadata"]


ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES))  # noqa: DTZ001
def test_every_accepted_time_can_be_stored_and_formatted(moment: datetime) -> None:
    """A key with an expiry that cannot be formatted would break every list that contains it."""
    expires_at = validate(CreateKeyBody, {**KEY, "expiresAt": moment.isoformat()}).expires_at

    assert expires_at is not None
    assert expires_at == moment
    assert rfc3339(from_millis(to_millis(expires_at)))


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2027-01-20t00:00:00z"])
def test_times_at_the_ends_of_the_calendar_can_be_formatted(text: str) -> None:
    expires_at = validate(CreateKeyBody, {**KEY, "expiresAt": text}).expires_at

    assert expires_at is not None
    assert rfc3339(from_millis(to_millis(expires_at)))[:10] == text[:10].upper()


def _models(kind: type[RequestBody]) -> list[type[RequestBody]]:
    return [each for direct in kind.__subclasses__() for each in (direct, *_models(direct))]


def test_every_integer_field_accepts_a_decimal_point() -> None:
    for module in pkgutil.iter_modules(schemas.__path__, f"{schemas.__name__}."):
        importlib.import_module(module.name)
    models = [model for model in _models(RequestBody) if model.__module__.startswith(schemas.__name__)]
    annotations = {
        f"{model.__name__}.{name}": str(field.rebuild_annotation())
        for model in models
        for name, field in model.model_fields.items()
    }
    integers = {name: text for name, text in annotations.items() if re.search(r"\bint\b", text)}

    assert "RateBody.window_seconds" in integers
    assert {name: text for name, text in integers.items() if "_whole" not in text} == {}


@pytest.mark.parametrize(("sent", "seconds"), [(300.0, 300), (0.0, 0), (-0.0, 0), (604_800.0, 604_800)])
def test_one_point_zero_is_an_integer(sent: float, seconds: int) -> None:
    kept = validate(RotateKeyBody, {"gracePeriodSeconds": sent}).grace_period_seconds

    assert kept == seconds
    assert type(kept) is int


@pytest.mark.parametrize("sent", [1e400, -1.0, 604_801.0, 1e300, 0.5])
def test_bounds_apply_to_numbers_with_a_decimal_point(sent: float) -> None:
    assert _pointers(RotateKeyBody, {"gracePeriodSeconds": sent}) == ["/gracePeriodSeconds"]


@pytest.mark.parametrize("seconds", [-1, 604_801, 1.5, "300", True])
def test_invalid_grace_period_is_refused(seconds: Any) -> None:
    assert _pointers(RotateKeyBody, {"gracePeriodSeconds": seconds}) == ["/gracePeriodSeconds"]


@pytest.mark.parametrize(("document", "seconds"), [({}, None), ({"gracePeriodSeconds": 0}, 0)])
def test_grace_period_is_optional(document: dict[str, int], seconds: int | None) -> None:
    assert validate(RotateKeyBody, document).grace_period_seconds == seconds


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""), ("id", "a b"), ("id", "é"), ("id", "x" * 129), ("id", "a\n"), ("id", 5), ("accountId", "a#b"),
        ("accountId", ""), ("accountId", "x" * 65), ("accountId", None), ("event", "Lap"), ("event", "lap.*"),
        ("event", "x" * 129), ("entity", []), ("entity", None), ("entity", "{}"), ("externalId", ""),
        ("externalId", "a\tb"), ("externalId", "\uffff"), ("externalId", "x" * 256), ("occurredAt", 1),
        ("occurredAt", "9999-12-31T23:59:59-01:00"),
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_invalid_field_of_an_event_is_refused_with_pointer(field: str, value: Any) -> None:
    assert _pointers(PublishEventBody, EVENT | {field: value}) == [f"/{field}"]


def test_event_needs_account_name_and_entity() -> None:
    assert _pointers(PublishEventBody, {}) == ["/accountId", "/event", "/entity"]


def test_every_character_that_a_queue_accepts_is_accepted() -> None:
    body = validate(
        PublishEventBody, EVENT | {"id": "".join(map(chr, range(0x21, 0x7F))), "externalId": "Zoë \U0001f3c1 #7"}
    )

    assert body.external_id == "Zoë \U0001f3c1 #7"


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("url", "", "/url"), ("url", None, "/url"), ("url", "x" * 2049, "/url"), ("events", [], "/events"),
        ("events", ["lap.**"], "/events/0"), ("events", ["*"] * 101, "/events"), ("events", "*", "/events"),
        ("secret", "x" * 15, "/secret"), ("secret", "x" * 257, "/secret"), ("secret", "sixteen\ncharacters", "/secret"),
        ("description", "x" * 1001, "/description"), ("headers", None, "/headers"), ("headers", [], "/headers"),
        ("headers", {"X-Shop": None}, "/headers/X-Shop"), ("headers", {f"X-{n}": "a" for n in range(21)}, "/headers"),
        ("filter", [], "/filter"), ("status", "gone", "/status"),
        ("retryScheduleSeconds", [1] * 11, "/retryScheduleSeconds"),
        ("retryScheduleSeconds", [0], "/retryScheduleSeconds/0"),
        ("retryScheduleSeconds", [1, 86_401], "/retryScheduleSeconds/1"),
        ("retryScheduleSeconds", [1.5], "/retryScheduleSeconds/0"),
        ("retryScheduleSeconds", [True], "/retryScheduleSeconds/0"),
        ("retryScheduleSeconds", 5, "/retryScheduleSeconds"),
        ("rateLimit", 5, "/rateLimit"), ("rateLimit", {"windowSeconds": 60}, "/rateLimit/limit"),
        ("rateLimit", {"limit": 5}, "/rateLimit/windowSeconds"),
        ("rateLimit", {"limit": 0, "windowSeconds": 60}, "/rateLimit/limit"),
        ("rateLimit", {"limit": 5, "windowSeconds": 0}, "/rateLimit/windowSeconds"),
        ("rateLimit", {"limit": 5, "windowSeconds": 86_401}, "/rateLimit/windowSeconds"),
        ("rateLimit", {"limit": 1_001, "windowSeconds": 1}, "/rateLimit/limit"),
        ("rateLimit", {"limit": 5, "windowSeconds": 60, "burst": 5}, "/rateLimit/burst"),
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_invalid_field_of_a_webhook_is_refused_with_pointer(field: str, value: Any, pointer: str) -> None:
    assert _pointers(CreateWebhookBody, WEBHOOK | {field: value}) == [pointer]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headers", {}), ("headers", {f"X-{n}": "a" for n in range(20)}), ("filter", None), ("filter", {}),
        ("retryScheduleSeconds", None), ("retryScheduleSeconds", []), ("retryScheduleSeconds", [1] * 10),
        ("retryScheduleSeconds", [1, 86_400]), ("secret", "x" * 16), ("secret", "x" * 256), ("rateLimit", None),
        ("rateLimit", {"limit": 1, "windowSeconds": 86_400}), ("rateLimit", {"limit": 1_000, "windowSeconds": 1}),
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_field_of_a_webhook_at_its_limit_is_accepted(field: str, value: Any) -> None:
    assert validate(CreateWebhookBody, WEBHOOK | {field: value}).model_dump(by_alias=True)[field] == value


@pytest.mark.parametrize("seconds", [0, 604_800])
def test_webhook_secrets_grace_period_of_up_to_seven_days_is_accepted(seconds: int) -> None:
    assert validate(RotateWebhookSecretBody, {"gracePeriodSeconds": seconds}).grace_period_seconds == seconds


@pytest.mark.parametrize("seconds", [-1, 604_801, 1.5, True, None, "60"])
def test_other_grace_period_of_a_webhook_secret_is_refused(seconds: object) -> None:
    assert _pointers(RotateWebhookSecretBody, {"gracePeriodSeconds": seconds}) == ["/gracePeriodSeconds"]


def test_rotation_without_fields_ends_the_previous_secret_at_once() -> None:
    body = validate(RotateWebhookSecretBody, {})

    assert (body.grace_period_seconds, body.secret) == (0, None)


@pytest.mark.parametrize("secret", ["x" * 15, "x" * 257, "sixteen\ncharacters", 7])
def test_rules_for_secrets_apply_to_rotations(secret: object) -> None:
    assert _pointers(RotateWebhookSecretBody, {"secret": secret}) == ["/secret"]


@pytest.mark.parametrize("status", ["active", "paused", "disabled"])
def test_new_webhook_accepts_every_status(status: str) -> None:
    assert validate(CreateWebhookBody, {**WEBHOOK, "status": status}).status == status


@pytest.mark.parametrize("status", [None, "", "Active", "deleted"])
def test_new_webhook_refuses_an_unknown_status(status: str | None) -> None:
    assert _pointers(CreateWebhookBody, {**WEBHOOK, "status": status}) == ["/status"]


@pytest.mark.parametrize("model", [CreateWebhookBody, RotateWebhookSecretBody])
def test_mispasted_secret_is_refused_with_an_explanation(model: type[BaseModel]) -> None:
    other = WEBHOOK if model is CreateWebhookBody else {}
    with pytest.raises(InvalidFieldsError) as refused:
        validate(model, {**other, "secret": "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})

    (error,) = refused.value.errors
    assert (error.pointer, "Remove the text before it, such as v1," in error.detail) == ("/secret", True)


def test_default_of_a_webhook_is_all_events() -> None:
    assert validate(CreateWebhookBody, WEBHOOK).events == ["*"]


def test_settings_url_is_required_and_may_be_null() -> None:
    assert validate(WebhookSettingsBody, {"webhookUrl": None}).webhook_url is None
    assert _pointers(WebhookSettingsBody, {}) == ["/webhookUrl"]


def test_repr_does_not_show_secrets_of_a_webhook() -> None:
    sent = {"secret": "a pasted s3cret of mine", "headers": {"Authorization": "Bearer s3cret"}}

    assert "s3cret" not in repr(validate(CreateWebhookBody, WEBHOOK | sent))
    assert "s3cret" not in repr(validate(RotateWebhookSecretBody, {"secret": sent["secret"]}))


@pytest.mark.parametrize(
    ("document", "finding"),
    [
        ([], FieldError("", "Must be an object.")),
        ({}, FieldError("/name", "Required.")),
        ({"name": 1}, FieldError("/name", "Must be a string.")),
        ({"name": "k", "scopes": {}}, FieldError("/scopes", "Must be an array.")),
        ({"name": "k", "metadata": []}, FieldError("/metadata", "Must be an object.")),
        ({"name": "k", "colour": 1}, FieldError("/colour", "Unknown field.")),
        ({"name": ""}, FieldError("/name", "Minimum length: 1.")),
        ({"name": "x" * 256}, FieldError("/name", "Maximum length: 255.")),
        ({"name": "k", "scopes": ["a:b"] * 51}, FieldError("/scopes", "At most 50 items.")),
    ],
)
def test_findings_use_json_terms(document: Any, finding: FieldError) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        validate(CreateKeyBody, document)

    assert list(refused.value.errors) == [finding]


@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        ("events", [], "At least 1 required."),
        ("headers", {f"X-{number}": "1" for number in range(21)}, "At most 20 items."),
        ("asymmetricSignatures", "yes", "Must be true or false."),
        ("retryScheduleSeconds", [0], "Must be at least 1."),
        ("retryScheduleSeconds", [86_401], "Must be at most 86400."),
        ("status", "gone", "Must be 'active', 'paused' or 'disabled'."),
    ],
)
def test_bounds_use_json_terms(field: str, value: Any, detail: str) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        validate(ChangedWebhook, {field: value})

    assert [error.detail for error in refused.value.errors] == [detail]


def test_invalid_name_has_its_own_pointer() -> None:
    assert _pointers(PutEventTypeBody, {"orders": {"a..b": ["x"]}}) == ["/orders/a..b"]
