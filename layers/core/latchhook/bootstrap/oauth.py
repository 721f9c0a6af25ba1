"""The OAuth protocol: endpoints, tokens and consent."""

from collections.abc import Callable
from functools import cache

from latchhook.bootstrap import environment
from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng, settings
from latchhook.bootstrap.oauth_clients import oauth_clients_table
from latchhook.edge.endpoint import Response
from latchhook.edge.oauth_endpoint import FormRequest, OAuthDescription, OAuthEndpoint, PublicEndpoint
from latchhook.edge.request import RawRequest
from latchhook.oauth.consent import ConsentDesk, RequestReader
from latchhook.oauth.token_service import TokenService
from latchhook.storage.oauth_grants_table import OAuthGrantsTable


@cache
def oauth_grants_table() -> OAuthGrantsTable:
    """The grants of users and clients."""
    return OAuthGrantsTable(database(), keys_table=settings().api_keys_table, audit=audit_items())


@cache
def token_service() -> TokenService:
    """Issues and ends tokens."""
    return TokenService(oauth_grants_table(), rng())


@cache
def request_reader() -> RequestReader:
    """Reads authorization requests."""
    return RequestReader(oauth_clients_table())


@cache
def consent_desk() -> ConsentDesk:
    """Shows authorization requests to users and stores their consent."""
    from latchhook.bootstrap.members import members_table

    return ConsentDesk(request_reader(), members_table(), oauth_grants_table(), settings().operator_account_id, rng())


def form_endpoint(description: OAuthDescription) -> Callable[[Callable[[FormRequest], Response]], OAuthEndpoint]:
    """Return a decorator that turns an operation into a Lambda handler for forms of clients."""
    return lambda operation: OAuthEndpoint(
        operation,
        description,
        clock=environment.clock,
        header_prefix=settings().signature_header_prefix,
        issuer=settings().oauth_issuer,
    )


def public_endpoint(description: OAuthDescription) -> Callable[[Callable[[RawRequest], Response]], PublicEndpoint]:
    """Return a decorator that turns an operation into a Lambda handler without credentials."""
    return lambda operation: PublicEndpoint(
        operation, description, clock=environment.clock, header_prefix=settings().signature_header_prefix
    )
