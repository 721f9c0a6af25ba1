"""Five calls with the generated Python client, for the type checker only."""

from typing import assert_type
from uuid import UUID

from latchhook_client import AuthenticatedClient
from latchhook_client.api.api_keys import create_api_key, list_api_keys, verify_api_key
from latchhook_client.api.events import publish_event
from latchhook_client.api.webhooks import create_webhook
from latchhook_client.models import (
    ApiKeyList,
    CreatedApiKey,
    CreatedWebhook,
    CreateKeyBody,
    CreateWebhookBody,
    Problem,
    ProblemCode,
    PublishedEvent,
    PublishEventBody,
    PublishEventBodyEntity,
    ScopeTree,
    Verdict,
    VerifyKeyBody,
)

client = AuthenticatedClient("https://api.example.com", "token")


def verify(key: str) -> bool:
    """A list and a tree of scopes; `cost` is optional."""
    verify_api_key.sync(client=client, body=VerifyKeyBody(key=key, required_scopes=["orders:read"]))
    either = ScopeTree(or_=["orders:read", ScopeTree(not_="orders:write")])
    verdict = verify_api_key.sync(client=client, body=VerifyKeyBody(key=key, required_scopes=either))
    assert_type(verdict, Verdict | Problem | None)
    return isinstance(verdict, Verdict) and verdict.valid


def create(name: str) -> UUID | None:
    """Only the name is required. A refusal has a code of the enum."""
    created = create_api_key.sync(client=client, body=CreateKeyBody(name=name))
    if isinstance(created, Problem) and created.code is ProblemCode.SCOPE_BEYOND_CREATOR:
        return None
    return created.id if isinstance(created, CreatedApiKey) else None


def names() -> list[str]:
    """A page of a list, with a query parameter."""
    page = list_api_keys.sync(client=client, limit=10)
    return [key.name for key in page.data] if isinstance(page, ApiKeyList) else []


def register(url: str) -> str | None:
    """Only the URL is required."""
    created = create_webhook.sync(client=client, body=CreateWebhookBody(url=url))
    return created.secret if isinstance(created, CreatedWebhook) else None


def publish() -> str | None:
    """An event with a free-form entity."""
    entity = PublishEventBodyEntity.from_dict({"number": 1001})
    body = PublishEventBody(account_id="acme", event="order.created", entity=entity)
    published = publish_event.sync(client=client, body=body)
    return published.id if isinstance(published, PublishedEvent) else None
