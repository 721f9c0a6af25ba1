"""docs/reference/limits.md states the limits of the code and the defaults of the template."""

from collections.abc import Mapping
from datetime import timedelta
from typing import get_args

import pytest

from latchhook import idempotency_records, rates
from latchhook.api_keys import bulk_revocation, importing, ip_ranges, key_format, limits, rotation, usage
from latchhook.api_keys import secrets_manager_rotation as managed
from latchhook.edge import moments, oauth_queries, query, request
from latchhook.edge.schemas import api_keys as key_schemas
from latchhook.edge.schemas import events as event_schemas
from latchhook.edge.schemas import key_verification
from latchhook.identity import caller
from latchhook.members import member, portal_session
from latchhook.oauth import assertions, client, grant, protocol, redirect_uri
from latchhook.permissions import added_scopes, profiles, requirements, scope_entries, scopes
from latchhook.storage import api_keys_table, audit_log
from latchhook.webhooks import changing as webhook_changing
from latchhook.webhooks import (
    custom_headers,
    delivery,
    endpoint_url,
    event,
    event_names,
    event_types,
    filters,
    health,
    outcome,
    retry_schedule,
    secrets,
    stats,
    webhook,
)
from tests.docs.pages import code, numbers, rows
from tests.template_tables import template

PAGE = "reference/limits.md"
ROWS = {row["limit"]: row for row in rows(PAGE, first="limit")}
KIB = 1024
DAY = timedelta(days=1)

OF_CODE: Mapping[str, list[int]] = {
    "OAuth clients of an account": [client.MAX_CLIENTS_PER_ACCOUNT],
    "redirect URIs of a client": [redirect_uri.MAX_REDIRECT_URIS],
    "length of a redirect URI": [redirect_uri.MAX_LENGTH],
    "scopes of a client": [client.MAX_SCOPES],
    "duration of an access token": [
        client.MIN_ACCESS_SECONDS,
        client.MAX_ACCESS_SECONDS,
        client.DEFAULT_ACCESS_SECONDS,
    ],
    "duration of a grant with refresh tokens": [
        client.MIN_REFRESH_SECONDS,
        client.MAX_REFRESH_SECONDS,
        client.DEFAULT_REFRESH_SECONDS,
    ],
    "public keys of a client": [assertions.MAX_KEYS, assertions.MAX_JWKS_BYTES // KIB],
    "RSA public key of a client": [assertions.MIN_RSA_BITS],
    "validity of a client assertion": [assertions.LONGEST // timedelta(hours=1)],
    "validity of an authorization code": [int(grant.CODE_LASTS.total_seconds())],
    "time in which a refresh can be repeated": [int(grant.REFRESH_REPEATS.total_seconds())],
    "valid grants of a user": [grant.MAX_GRANTS_PER_USER],
    "valid access tokens of a user's grant": [grant.MAX_USER_TOKENS],
    "valid tokens of a client itself": [grant.MAX_CLIENT_TOKENS],
    "query of an authorization request": [oauth_queries.MAX_LENGTH],
    "length of `state` and of `resource`": [protocol.MAX_STATE_LENGTH],
    "duration": [portal_session.MIN_SECONDS, portal_session.MAX_SECONDS],
    "validity of the code": [int(portal_session.CODE_LASTS.total_seconds())],
    "tabs": [len(get_args(portal_session.Tab))],
    "body of a request": [request.MAX_BODY_BYTES // KIB],
    "nesting of JSON": [request.MAX_DEPTH],
    "items of a page": [request.MAX_PAGE, 50],
    "digits after the second of a time": [moments.MAX_FRACTION_DIGITS],
    "length of an `Idempotency-Key`": [idempotency_records.MAX_LENGTH],
    "lifetime of an `Idempotency-Key`": [int(idempotency_records.KEPT.total_seconds()) // 3600],
    "faults in one problem document": [query.MAX_FINDINGS],
    "metadata as JSON": [key_schemas.MAX_METADATA_BYTES // KIB],
    "scopes of a key": [scopes.MAX_SCOPES_PER_KEY],
    "stored entries of the scope catalogue": [scope_entries.MAX_ENTRIES],
    "description of a scope": [scope_entries.MAX_DESCRIPTION_LENGTH],
    "group of a scope": [scope_entries.MAX_GROUP_LENGTH],
    "time until a deleted scope cannot be granted": [added_scopes.LONGEST_SECONDS],
    "addresses and blocks of an allow-list": [ip_ranges.MAX_BLOCKS],
    "rate limit of a key, on average": [rates.MAX_PER_SECOND],
    "window of a rate limit": [rates.MAX_WINDOW_SECONDS],
    "credits of a key": [10, len(str(limits.MAX_CREDITS)) - 1],
    "cost of a verification": [limits.MAX_COST],
    "grace period of a rotation": [rotation.MAX_GRACE_SECONDS, 300],
    "required scopes of a verification": [requirements.MAX_SCOPES],
    "nesting of `and`, `or` and `not`": [requirements.MAX_DEPTH],
    "members of an account": [member.MAX_MEMBERS],
    "client accounts of an advisor": [member.MAX_CLIENT_ACCOUNTS],
    "length of a user id": [caller.MAX_USER_ID_LENGTH],
    "verifications in a batch": [key_verification.MAX_BATCH],
    "keys of an import": [importing.MAX_KEYS],
    "length of an imported key": [key_format.MIN_IMPORTED_LENGTH, key_format.MAX_IMPORTED_LENGTH],
    "ids of a bulk revocation": [bulk_revocation.MAX_IDS],
    "keys that a bulk revocation examines": [bulk_revocation.MAX_EXAMINED],
    "keys that a search examines for a page": [api_keys_table.MAX_EXAMINED],
    "keys that a search by owner, creator, last use, rotation or scope examines": [api_keys_table.MAX_READ],
    "days of stored uses": [usage.MAX_DAYS],
    "grace period of a rotation by Secrets Manager": [
        managed.MIN_GRACE_SECONDS,
        rotation.MAX_GRACE_SECONDS,
        managed.DEFAULT_GRACE_SECONDS,
    ],
    "profiles of an account": [profiles.MAX_PROFILES_PER_ACCOUNT],
    "rules of a profile": [profiles.MAX_RULES],
    "actions in all rules of a profile": [profiles.MAX_ACTIONS],
    "webhooks of an account": [webhook.MAX_WEBHOOKS_PER_ACCOUNT],
    "URL": [endpoint_url.MAX_URL_CHARACTERS],
    "event names of a webhook": [event_names.MAX_PATTERNS],
    "custom headers": [custom_headers.MAX_HEADERS],
    "name of a custom header": [custom_headers.MAX_NAME_LENGTH],
    "value of a custom header": [custom_headers.MAX_VALUE_LENGTH],
    "a secret that you bring": [secrets.MIN_LENGTH, secrets.MAX_LENGTH],
    "secrets that sign at once": [secrets.MAX_LIVE],
    "grace period of a secret": [webhook_changing.MAX_GRACE_SECONDS],
    "filter as compact JSON": [filters.MAX_BYTES // KIB],
    "comparisons of one event with one filter": [filters.MAX_WORK],
    "stored part of a response's body": [outcome.MAX_BODY_BYTES // KIB],
    "waits of a webhook's own schedule": [
        retry_schedule.MAX_RETRIES,
        retry_schedule.MIN_WAIT_SECONDS,
        retry_schedule.MAX_WAIT_SECONDS,
    ],
    "wait that a receiver's `Retry-After` can cause": [int(retry_schedule.LONGEST_ASKED_WAIT.total_seconds()) // 3600],
    "attempts of a delivery": [delivery.MAX_ATTEMPTS],
    "failures after which a webhook is disabled": [health.DISABLED_AFTER // DAY, health.MIN_FAILURES],
    "rate limit of a webhook, on average": [rates.MAX_PER_SECOND],
    "days of delivery statistics": [stats.MAX_DAYS],
    "event as it is delivered": [event.MAX_BODY_BYTES // KIB],
    "events of a batch": [event_schemas.MAX_BATCH],
    "name of an event": [event_names.MAX_LENGTH],
    "`id` of an event": [event.MAX_ID_LENGTH],
    "event types of the deployment": [event_types.MAX_TYPES],
    "schema and example of an event type": [event_types.MAX_SCHEMA_BYTES // KIB],
    "time until a changed event type takes effect": [event_types.LONGEST_SECONDS],
    "entries that a page of the audit log examines": [audit_log.MAX_EXAMINED],
}


@pytest.mark.parametrize("limit", OF_CODE)
def test_limit_on_the_page_is_the_limit_of_the_code(limit: str) -> None:
    assert numbers(ROWS[limit]["value"]) == OF_CODE[limit]


@pytest.mark.parametrize("limit", [limit for limit, row in ROWS.items() if row["parameter"]])
def test_limit_with_a_parameter_states_its_default(limit: str) -> None:
    default = str(template()["Parameters"][code(ROWS[limit]["parameter"])]["Default"])

    assert set(numbers(default.replace(",", " "))) <= set(numbers(ROWS[limit]["value"].replace(", ", " ")))


def test_page_lists_every_limit_once() -> None:
    assert len(ROWS) == len(rows(PAGE, first="limit"))


@pytest.mark.parametrize("limit", [limit for limit, row in ROWS.items() if row["value"][0].isdigit()])
def test_every_number_comes_from_the_code_or_from_a_parameter(limit: str) -> None:
    """The fields without a constant are in openapi.json, and the time of an attempt is in the template."""
    without_constant = {
        "name",
        "name of a client",
        "description",
        "`externalId`",
        "time of an attempt",
        "recoveries of a webhook at once",
        "keys of `GET /integration/api-keys`",
        "attempts of `GET /integration/webhook-deliveries`",
        "report of leaked keys",
    }

    assert limit in OF_CODE or ROWS[limit]["parameter"] or limit in without_constant
