"""HTTP clients for customers' receivers."""

from functools import cache

from latchhook.bootstrap.environment import settings
from latchhook.transport.outbound_http import OutboundHttp
from latchhook.webhooks.own_hosts import OwnHosts


@cache
def own_hosts() -> OwnHosts:
    """The host names of this API, which no webhook may call."""
    return OwnHosts(settings().api_domain_names, api_id=settings().api_id)


@cache
def outbound_http() -> OutboundHttp:
    """HTTP client that calls only customers' receivers."""
    return OutboundHttp(
        timeout_seconds=settings().delivery_timeout_seconds,
        allow_insecure=settings().allow_insecure_webhooks,
        own_hosts=own_hosts(),
    )


@cache
def endpoint_checker() -> OutboundHttp:
    """Checks an endpoint URL when a webhook is saved, with a timeout well below API Gateway's."""
    return OutboundHttp(timeout_seconds=5, allow_insecure=settings().allow_insecure_webhooks, own_hosts=own_hosts())
