"""Webhook settings in requests, with the checks that need more than a schema: URL addresses, filter and headers."""

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
"""The fields that a patch can set to null. Only a webhook without URL can have a null URL."""


class WebhookBodies:
    """Reads settings from request bodies. Raises `InvalidFieldsError`. `header_prefix` is the deployment's."""

    def __init__(self, checker: EndpointChecker, *, header_prefix: str) -> None:
        self._checker = checker
        self._header_prefix = header_prefix

    def created(self, body: CreateWebhookBody) -> WebhookSettings:
        """Return the settings of a new webhook."""
        headers = self._headers(body.headers, known={})
        url = checked_url(body.url, self._checker, pointer="/url")
        return self._settings(body, url, headers, status=body.status)

    def patched(self, webhook: Webhook, patch: Mapping[str, Any]) -> WebhookSettings:
        """Return the webhook's settings after the patch. An unchanged URL is not resolved again."""
        check_removals(patch, _REMOVABLE)
        body = validate(ChangedWebhook, merged(_document(webhook), patch))
        url = body.url
        if url is None and webhook.url is not None:
            raise InvalidFieldsError([FieldError("/url", "Must not be null. The URL can be changed, but not removed.")])
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
        """Return the checked headers. A header equal to its shown value in `known` is unchanged and is not checked."""
        again = set(custom_headers.repeated(headers))
        errors = []
        for name, value in headers.items():
            refusal = custom_headers.name_refusal(name, header_prefix=self._header_prefix)
            if refusal is None and name in again:
                refusal = "This header appears more than once."
            if refusal is None and known.get(name) != value:
                is_blank = value == custom_headers.REDACTED
                refusal = (
                    "This header has no stored value. Send its value."
                    if is_blank
                    else custom_headers.value_refusal(value)
                )
            if refusal is not None:
                errors.append(FieldError(_pointer(name), refusal))
        if errors:
            raise InvalidFieldsError(errors)
        return headers


def _refuse_unseen(headers: Mapping[str, str]) -> None:
    """Refuse redacted header values after a change of the URL's origin.

    Otherwise a caller who can change the webhook, but cannot read its secret headers, could send them to another
    receiver.
    """
    unseen = [name for name, value in headers.items() if value == custom_headers.REDACTED]
    if unseen:
        detail = "The URL has a new origin, so send this header's value again."
        raise InvalidFieldsError([FieldError(_pointer(name), detail) for name in unseen])


def _pointer(name: str) -> str:
    return "/headers/" + name.replace("~", "~0").replace("/", "~1")


def _document(webhook: Webhook) -> dict[str, Any]:
    """Return the request body that would create the webhook with its current settings."""
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
