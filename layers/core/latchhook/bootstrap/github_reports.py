"""GitHub's reports of exposed keys."""

from collections.abc import Callable
from functools import cache
from typing import Any

from latchhook.api_keys.leaks import LeakedKeys
from latchhook.bootstrap import environment
from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng, settings
from latchhook.bootstrap.key_uses import key_uses_table
from latchhook.bootstrap.leaked_keys import leaked_key_policies
from latchhook.edge.endpoint import Response
from latchhook.edge.signed_endpoint import SignedDescription, SignedEndpoint, SignedRequest
from latchhook.oauth.leaks import LeakedTokens
from latchhook.storage.oauth_grants_table import OAuthGrantsTable
from latchhook.transport.github_signatures import GithubSignatures
from latchhook.transport.published_keys import PublishedKeys, github_keys


@cache
def leaked_keys() -> LeakedKeys:
    """Handles reports of exposed keys."""
    return LeakedKeys(key_uses_table(), api_keys_table(), leaked_key_policies(), settings().api_key_prefix, rng())


@cache
def leaked_tokens() -> LeakedTokens:
    """Handles reports of exposed OAuth tokens."""
    table = OAuthGrantsTable(database(), keys_table=settings().api_keys_table, audit=audit_items())
    return LeakedTokens(table, rng())


def signed_endpoint(
    description: SignedDescription,
) -> Callable[[Callable[[SignedRequest[Any]], Response]], SignedEndpoint[Any]]:
    """Return a decorator that turns an operation into a Lambda handler for requests with GitHub's signature."""
    return lambda operation: SignedEndpoint(
        operation,
        description,
        signatures=_github_signatures,
        clock=environment.clock,
        header_prefix=settings().signature_header_prefix,
    )


@cache
def _github_signatures() -> GithubSignatures:
    return GithubSignatures(PublishedKeys(settings().secret_scanning_keys_url, github_keys))
