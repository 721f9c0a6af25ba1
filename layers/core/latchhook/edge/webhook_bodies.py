"""What requests choose about a webhook, checked beyond its shape: the URL's addresses, the filter, the headers."""

from collections.abc import Collection, Mapping
from typing import Any

from latchhook.edge.endpoint_urls import EndpointChecker, checked_url
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.merge_patch import check_removals, merged
from latchhook.edge.schemas.validation import validate
from latchhook.edge.schemas.webhooks import ChangedWebhook, CreateWebhookBody, WebhookConfiguration
from latchhook.webhooks import custom_headers
from latchhook.webhooks.changing import WebhookSettings, settings_of
from latchhook.webhooks.endpoint_url import same_origin
from latchhook.webhooks.webhook import Status, Webhook

_REMOVABLE: Mapping[str, Collection[str] | None] = {
    **dict.fromkeys(["url", "description", "filter", "headers", "retryScheduleSeconds", "asymmetricSignatures"]),
    "rateLimit": (),
}
"""The fields that a patch may set to null; a URL only where there is none."""


class WebhookBodies:
    """Reads what is chosen; raises `InvalidFieldsError`. `header_prefix` is the deployment's."""

    def __init__(self, checker: EndpointChecker, *, header_prefix: str) -> None:
        self._checker = checker
        self._header_prefix = header_prefix

    def created(self, body: CreateWebhookBody) -> WebhookSettings:
        """The settings of a new webhook."""
        headers = self._headers(body.headers, known={})
        url = checked_url(body.url, self._checker, pointer="/url")
        return self._settings(body, url, headers, status=body.status)

    def patched(self, webhook: Webhook, patch: Mapping[str, Any]) -> WebhookSettings:
        """The settings that a patch makes of a webhook's; a URL that does not change is not looked up again."""
        check_removals(patch, _REMOVABLE)
        body = validate(ChangedWebhook, merged(_document(webhook), patch))
        url = body.url
        if url is None and webhook.url is not None:
            raise InvalidFieldsError([FieldError("/url", "This must be there.")])
        if url is not None and url != webhook.url:
            url = checked_url(url, self._checker, pointer="/url")
        known = {header.name: header.shown for header in webhook.headers}
        headers = self._headers(body.headers, known=known)
        if webhook.url is not None and not same_origin(url, webhook.url):
            _refuse_unseen(headers)
        return self._settings(body, url, headers, status=body.status)

    @staticmethod
    def _settings(
        body: WebhookConfiguration, url: str | None, headers: Mapping[str, str], *, status: Status | None
    ) -> WebhookSettings:
        if body.filter is not None:
            from latchhook.edge.filters import checked_filter

            checked_filter(body.filter, pointer="/filter")
        return WebhookSettings(
            url=url,
            events=body.events,
            description=body.description,
            filter=body.filter,
            headers=headers,
            retry_schedule_seconds=body.retry_schedule_seconds,
            rate_limit=None if body.rate_limit is None else body.rate_limit.chosen(),
            asymmetric_signatures=body.asymmetric_signatures,
            status=status,
        )

    def _headers(self, headers: Mapping[str, str], *, known: Mapping[str, str]) -> Mapping[str, str]:
        """`known` are the headers as they were shown: one of them that comes back as it was stays as it is."""
        again = set(custom_headers.repeated(headers))
        errors = []
        for name, value in headers.items():
            refusal = custom_headers.name_refusal(name, header_prefix=self._header_prefix)
            if refusal is None and name in again:
                refusal = "This header stands there before."
            if refusal is None and known.get(name) != value:
                is_blank = value == custom_headers.REDACTED
                refusal = "There is no value behind this." if is_blank else custom_headers.value_refusal(value)
            if refusal is not None:
                errors.append(FieldError(_pointer(name), refusal))
        if errors:
            raise InvalidFieldsError(errors)
        return headers


def _refuse_unseen(headers: Mapping[str, str]) -> None:
    """Nobody hears a secret value who was not shown it: whoever may change a webhook could have it sent to himself."""
    unseen = [name for name, value in headers.items() if value == custom_headers.REDACTED]
    if unseen:
        detail = "The webhook goes to another receiver now: send this value again."
        raise InvalidFieldsError([FieldError(_pointer(name), detail) for name in unseen])


def _pointer(name: str) -> str:
    return "/headers/" + name.replace("~", "~0").replace("/", "~1")


def _document(webhook: Webhook) -> dict[str, Any]:
    """What could have been sent to make the webhook what it is."""
    chosen = settings_of(webhook)
    schedule, rate = chosen.retry_schedule_seconds, chosen.rate_limit
    return {
        "url": chosen.url,
        "events": list(chosen.events),
        "description": chosen.description,
        "filter": chosen.filter,
        "headers": dict(chosen.headers),
        "retryScheduleSeconds": None if schedule is None else list(schedule),
        "rateLimit": None if rate is None else {"limit": rate.limit, "windowSeconds": rate.window_seconds},
        "asymmetricSignatures": chosen.asymmetric_signatures,
    }
