"""Request bodies of webhooks: URL, filter and headers beyond their shape, and merge patches."""

from typing import Any

import pytest

from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.schemas.validation import validate
from latchhook.edge.schemas.webhooks import CreateWebhookBody
from latchhook.edge.webhook_bodies import WebhookBodies
from latchhook.rates import RateLimit
from latchhook.webhooks.changing import WebhookSettings, settings_of
from latchhook.webhooks.custom_headers import REDACTED, CustomHeader
from latchhook.webhooks.endpoint_url import EndpointUrl, EndpointUrlError
from latchhook.webhooks.key_pairs import StoredKeyPair
from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.webhook import Webhook
from tests.samples import webhook

URL = "https://receiver.example/hooks"
SHOP = CustomHeader("X-Shop", "acme")
AUTHORIZATION = CustomHeader("Authorization", None, StoredSecret(b"sealed"))
FILTER = {"entity": {"severity": ["major"], "total": [{"numeric": [">", 10]}]}}
FULL = webhook(
    url=URL,
    events=("lap.*", "order.paid"),
    description="laps",
    filter=FILTER,
    headers=(SHOP, AUTHORIZATION),
    retry_schedule_seconds=(1, 60),
    key_pairs=(StoredKeyPair(b"sealed", public_key=b"p" * 32),),
    rate_limit=RateLimit(5, 60, burst=1),
)


class Checker:
    """A resolver with private.example as the only private host. It records each lookup."""

    allow_insecure = False

    def __init__(self) -> None:
        self.looked_up: list[str] = []

    def check_endpoint(self, url: EndpointUrl) -> None:
        self.looked_up.append(url.host)
        if url.host == "private.example":
            raise EndpointUrlError("Its address is not public")


def _created(**fields: Any) -> WebhookSettings:
    return WebhookBodies(Checker(), header_prefix="X-Race").created(validate(CreateWebhookBody, {"url": URL, **fields}))


def _patched(before: Webhook, patch: dict[str, Any], checker: Checker | None = None) -> WebhookSettings:
    return WebhookBodies(checker or Checker(), header_prefix="X-Race").patched(before, patch)


def _refused(before: Webhook, patch: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidFieldsError) as refused:
        _patched(before, patch)
    return [error.pointer for error in refused.value.errors]


def _refused_headers(headers: dict[str, str]) -> dict[str, str]:
    with pytest.raises(InvalidFieldsError) as refused:
        _created(headers=headers)
    return {error.pointer: error.detail for error in refused.value.errors}


# ---- Creation ----


def test_url_is_the_only_required_field() -> None:
    assert _created() == WebhookSettings(URL, ["*"], status="active")


def test_every_setting_is_read() -> None:
    chosen = _created(
        events=["lap.*"],
        description="laps",
        filter=FILTER,
        headers={"X-Shop": "acme", "Authorization": "Bearer abc"},
        retryScheduleSeconds=[1, 60],
        rateLimit={"limit": 5, "windowSeconds": 60},
        asymmetricSignatures=True,
        status="paused",
    )

    assert chosen == WebhookSettings(
        URL,
        ["lap.*"],
        "laps",
        FILTER,
        {"X-Shop": "acme", "Authorization": "Bearer abc"},
        [1, 60],
        asymmetric_signatures=True,
        rate_limit=RateLimit(5, 60, burst=1),
        status="paused",
    )


def test_forbidden_url_is_refused_with_pointer() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        _created(url="https://private.example/")
    assert [error.pointer for error in refused.value.errors] == ["/url"]


@pytest.mark.parametrize(
    ("filter_", "pointer"),
    [
        ({"entity": {"a/b": "text"}}, "/filter/entity/a~1b"),
        ({"entity": {"a": []}}, "/filter/entity/a"),
        ({"entity": {"a": ["\ud800"]}}, "/filter"),
        ({"entity": {"a": ["x" * 4096]}}, "/filter"),
    ],
)
def test_invalid_filter_is_refused_with_pointer(filter_: Any, pointer: str) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        _created(filter=filter_)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_forbidden_headers_are_refused_with_pointers_without_values() -> None:
    headers = {
        "X-Shop": "acme",
        "content-LENGTH": "s3cret",
        "X-RACE-Signature": "s3cret",
        "Transfer-Encoding": "chunked",
        "Bad Name": "s3cret",
        "a/b~": "s3cret",
        "X-Break": "s3cret\r\nX-Race-Event: x",
        "x-shop": "s3cret",
        "Authorization": REDACTED,
    }

    refused = _refused_headers(headers)

    assert list(refused) == [
        "/headers/content-LENGTH",
        "/headers/X-RACE-Signature",
        "/headers/Transfer-Encoding",
        "/headers/Bad Name",
        "/headers/a~1b~0",
        "/headers/X-Break",
        "/headers/x-shop",
        "/headers/Authorization",
    ]
    assert refused["/headers/x-shop"] == "This header appears more than once."
    assert refused["/headers/Authorization"] == "This header has no stored value. Send its value."
    assert "s3cret" not in repr(refused)


# ---- Patches ----


def test_empty_patch_keeps_every_setting() -> None:
    for before in (FULL, webhook(), webhook(url=None), webhook(retry_schedule_seconds=())):
        chosen, as_it_is = _patched(before, {}), settings_of(before)
        assert (chosen.url, list(chosen.events), chosen.description) == (
            before.url,
            list(before.events),
            before.description,
        )
        assert (chosen.filter, chosen.headers, chosen.status) == (as_it_is.filter, as_it_is.headers, None)
        schedule = before.retry_schedule_seconds
        assert chosen.retry_schedule_seconds == (None if schedule is None else list(schedule))
        assert chosen.asymmetric_signatures == bool(before.key_pairs)


@pytest.mark.parametrize(
    ("patch", "name", "value"),
    [
        ({"url": "https://receiver.example/new"}, "url", "https://receiver.example/new"),
        ({"events": ["stock.low"]}, "events", ["stock.low"]),
        ({"description": "other"}, "description", "other"),
        ({"description": None}, "description", None),
        ({"filter": None}, "filter", None),
        ({"filter": {"entity": {"severity": None}}}, "filter", {"entity": {"total": FILTER["entity"]["total"]}}),
        ({"retryScheduleSeconds": [5]}, "retry_schedule_seconds", [5]),
        ({"retryScheduleSeconds": []}, "retry_schedule_seconds", []),
        ({"retryScheduleSeconds": None}, "retry_schedule_seconds", None),
        ({"rateLimit": {"limit": 9}}, "rate_limit", RateLimit(9, 60, burst=1)),
        ({"rateLimit": {"windowSeconds": 1, "limit": 1000}}, "rate_limit", RateLimit(1000, 1, burst=1)),
        ({"rateLimit": None}, "rate_limit", None),
        ({"asymmetricSignatures": True}, "asymmetric_signatures", True),
        ({"asymmetricSignatures": False}, "asymmetric_signatures", False),
        ({"asymmetricSignatures": None}, "asymmetric_signatures", False),
        ({"status": "active"}, "status", "active"),
        ({"status": "paused"}, "status", "paused"),
        ({"status": "disabled"}, "status", "disabled"),
        ({"headers": None}, "headers", {}),
        ({"headers": {}}, "headers", {"X-Shop": "acme", "Authorization": REDACTED}),
        ({"headers": {"X-Shop": None}}, "headers", {"Authorization": REDACTED}),
        ({"headers": {"X-Shop": "globex", "X-Cart": "1"}}, "headers",
         {"X-Shop": "globex", "Authorization": REDACTED, "X-Cart": "1"}),
        ({"headers": {"Authorization": "Bearer new"}}, "headers", {"X-Shop": "acme", "Authorization": "Bearer new"}),
        ({"headers": {"Authorization": REDACTED}}, "headers", {"X-Shop": "acme", "Authorization": REDACTED}),
        ({"headers": {"X-Shop": None, "x-shop": "a"}}, "headers", {"Authorization": REDACTED, "x-shop": "a"}),
    ],
)  # fmt: skip
def test_patch_changes_only_the_field_it_names(patch: dict[str, Any], name: str, value: object) -> None:
    chosen = _patched(FULL, patch)

    assert getattr(chosen, name) == value
    unchanged = _patched(FULL, {})
    for other in ("url", "events", "description", "filter", "headers", "retry_schedule_seconds", "status",
                  "asymmetric_signatures", "rate_limit"):  # fmt: skip
        if other != name:
            assert getattr(chosen, other) == getattr(unchanged, other)


@pytest.mark.parametrize(
    ("patch", "pointers"),
    [
        ({"url": None}, ["/url"]),
        ({"url": "http://receiver.example/"}, ["/url"]),
        ({"url": "https://private.example/"}, ["/url"]),
        ({"url": 7}, ["/url"]),
        ({"events": []}, ["/events"]),
        ({"events": "*"}, ["/events"]),
        ({"asymmetricSignatures": "yes"}, ["/asymmetricSignatures"]),
        ({"asymmetricSignatures": 1}, ["/asymmetricSignatures"]),
        ({"events": None}, ["/events"]),
        ({"status": None, "events": None}, ["/status", "/events"]),
        ({"evnets": None}, ["/evnets"]),
        ({"rateLimit": {"limits": None}}, ["/rateLimit/limits"]),
        ({"~a/b": None}, ["/~0a~1b"]),
        ({"status": "ACTIVE"}, ["/status"]),
        ({"secret": "a new one, sixteen"}, ["/secret"]),
        ({"id": "x"}, ["/id"]),
        ({"disabledReason": "x"}, ["/disabledReason"]),
        ({"filter": []}, ["/filter"]),
        ({"filter": {"entity": {"severity": "major"}}}, ["/filter/entity/severity"]),
        ({"headers": []}, ["/headers"]),
        ({"headers": {"X-Shop": 7}}, ["/headers/X-Shop"]),
        ({"headers": {"X-Shop": {"a": "b"}}}, ["/headers/X-Shop"]),
        ({"headers": {"Host": "x"}}, ["/headers/Host"]),
        ({"headers": {"x-shop": "a"}}, ["/headers/x-shop"]),
        ({"headers": {"authorization": REDACTED}}, ["/headers/authorization"]),
        ({"headers": {"X-Token": REDACTED}}, ["/headers/X-Token"]),
        ({"headers": {"X-Shop": REDACTED}}, ["/headers/X-Shop"]),
        ({"headers": {f"X-{number}": "a" for number in range(19)}}, ["/headers"]),
        ({"retryScheduleSeconds": [0]}, ["/retryScheduleSeconds/0"]),
        ({"rateLimit": {"limit": 0}}, ["/rateLimit/limit"]),
        ({"rateLimit": {"limit": None}}, ["/rateLimit/limit"]),
        ({"rateLimit": {"windowSeconds": 86_401}}, ["/rateLimit/windowSeconds"]),
        ({"rateLimit": {"limit": 60_001}}, ["/rateLimit/limit"]),
        ({"rateLimit": {"burst": 5}}, ["/rateLimit/burst"]),
        ({"rateLimit": 5}, ["/rateLimit"]),
        ({"slowSeconds": 4}, ["/slowSeconds"]),
    ],
)
def test_patch_that_results_in_an_invalid_webhook_is_refused(patch: dict[str, Any], pointers: list[str]) -> None:
    assert _refused(FULL, patch) == pointers


def test_only_a_new_url_is_resolved() -> None:
    """A receiver whose name does not resolve now must not block changes of other settings."""
    checker = Checker()
    before = webhook(url="https://private.example/")

    _patched(before, {"description": "x"}, checker)
    _patched(before, {"url": "https://private.example/"}, checker)
    assert checker.looked_up == []

    _patched(before, {"url": "https://new.example/"}, checker)
    assert checker.looked_up == ["new.example"]


def test_default_webhook_without_url_can_be_changed_and_get_a_url() -> None:
    assert _patched(webhook(url=None), {"url": None, "events": ["lap.*"]}).url is None
    assert _patched(webhook(url=None), {"url": URL}).url == URL


def test_header_that_is_no_longer_allowed_can_only_be_removed() -> None:
    """The prefix of reserved names is a setting. After a change, a header may have a reserved name."""
    before = webhook(headers=(CustomHeader("X-Race-Shop", "acme"),))

    assert _refused(before, {}) == ["/headers/X-Race-Shop"]
    assert _patched(before, {"headers": {"X-Race-Shop": None}}).headers == {}


@pytest.mark.parametrize(
    "url",
    ["https://other.example/hooks", "https://receiver.example:8443/hooks", "https://receiver.example.evil.example/"],
)
def test_url_of_another_receiver_needs_the_secret_headers_again(url: str) -> None:
    assert _refused(FULL, {"url": url}) == ["/headers/Authorization"]
    assert _patched(FULL, {"url": url, "headers": {"Authorization": "Bearer new"}}).url == url
    assert _patched(FULL, {"url": url, "headers": {"Authorization": None}}).headers == {"X-Shop": "acme"}


def test_another_path_of_the_same_receiver_keeps_the_secret_headers() -> None:
    changed = _patched(FULL, {"url": "https://RECEIVER.example:443/elsewhere?x=1"})

    assert changed.headers["Authorization"] == REDACTED
