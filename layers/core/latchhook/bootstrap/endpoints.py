"""HTTP endpoints with authentication.

The functions at the end import a part at the first request that needs it. A cold start would be slower with all parts.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from latchhook.bootstrap import environment
from latchhook.bootstrap.environment import settings
from latchhook.edge.authentication import Authenticator
from latchhook.edge.endpoint import Description, Endpoint, Response
from latchhook.edge.request import Request

if TYPE_CHECKING:
    from latchhook.api_keys.verification import KeyVerifier
    from latchhook.edge.refusals import RefusedAttempts
    from latchhook.identity.token_cache import TokenCache
    from latchhook.members.access import MemberAccess
    from latchhook.members.portal_access import PortalAccess
    from latchhook.storage.account_rates import AccountRates
    from latchhook.storage.idempotency_items import CompletedRequestsTable


def endpoint(description: Description) -> Callable[[Callable[[Request[Any]], Response]], Endpoint[Any]]:
    """Return a decorator that turns an operation into a Lambda handler for the endpoint `description`."""
    authenticator = Authenticator(
        tokens=_session_tokens,
        access=_member_access,
        keys=_key_verifier,
        portal=_portal_access,
        operator_account_id=settings().operator_account_id,
    )
    if settings().identity_providers:
        _check_identity_providers()
    if description.credentials in ("key", "secret"):
        _key_verifier()  # build it during the cold start, because every request needs it
    return lambda operation: Endpoint(
        operation,
        description,
        authenticator=authenticator,
        refusals=_refused_attempts,
        clock=environment.clock,
        header_prefix=settings().signature_header_prefix,
        rates=_account_rates,
        completed_requests=_completed_requests,
    )


def _session_tokens() -> "TokenCache":
    from latchhook.bootstrap.identity import session_tokens

    return session_tokens()


def _check_identity_providers() -> None:
    """Read the parameter while the function starts, so that a wrong value is found with the deployment."""
    from latchhook.bootstrap.identity_providers import identity_providers

    identity_providers()


def _member_access() -> "MemberAccess":
    from latchhook.bootstrap.memberships import member_access

    return member_access()


def _portal_access() -> "PortalAccess":
    from latchhook.bootstrap.portal import portal_access

    return portal_access()


def _key_verifier() -> "KeyVerifier":
    from latchhook.bootstrap.key_verification import key_verifier

    return key_verifier()


def _refused_attempts() -> "RefusedAttempts":
    from latchhook.bootstrap.audit import refused_attempts

    return refused_attempts()


def _account_rates() -> "AccountRates":
    from latchhook.bootstrap.request_checks import account_rates

    return account_rates()


def _completed_requests() -> "CompletedRequestsTable":
    from latchhook.bootstrap.request_checks import completed_requests

    return completed_requests()
