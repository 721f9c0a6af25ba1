"""Settings of API keys for tests: a full valid set, and invalid values by flaw."""

from collections.abc import Mapping
from typing import Any

ALL_SETTINGS: Mapping[str, Any] = {
    "name": "x" * 255,
    "description": "y" * 1_000,
    "scopes": ["orders:*", "products:read"],
    "expiresAt": "2099-01-01T00:00:00Z",
    "ownerUserId": "o" * 255,
    "metadata": {"team": "fulfilment"},
    "rateLimit": {"limit": 100, "windowSeconds": 60, "burst": 10},
    "credits": {"remaining": 1_000, "refill": {"amount": 1_000, "interval": "monthly"}},
    "ipAllowList": ["203.0.113.0/24", "2001:db8::1"],
}
"""Every setting except the profile, which must exist first."""

CHOSEN: Mapping[str, Any] = {**ALL_SETTINGS, "profileId": None, "ipAllowList": ["203.0.113.0/24", "2001:db8::1/128"]}
"""The same settings as the response shows them. The response also shows the time of the next refill."""

_RATE = {"limit": 100, "windowSeconds": 60}

BAD_SETTINGS: Mapping[str, tuple[Mapping[str, Any], list[str]]] = {
    "name of 0 characters": ({"name": ""}, ["/name"]),
    "name of 256 characters": ({"name": "x" * 256}, ["/name"]),
    "name with a line break": ({"name": "a\nb"}, ["/name"]),
    "name with a lone surrogate": ({"name": "a\ud800"}, ["/name"]),
    "name is no string": ({"name": 7}, ["/name"]),
    "name is null": ({"name": None}, ["/name"]),
    "description of 1001 characters": ({"description": "x" * 1_001}, ["/description"]),
    "unknown scope": ({"scopes": ["orders:read", "orders:fly"]}, ["/scopes/1"]),
    "wildcard that covers nothing": ({"scopes": ["orders:read", "planes:*"]}, ["/scopes/1"]),
    "scope is no string": ({"scopes": [3]}, ["/scopes/0"]),
    "scopes are no list": ({"scopes": "orders:read"}, ["/scopes"]),
    "51 scopes": ({"scopes": ["orders:read"] * 51}, ["/scopes"]),
    "expiry in the past": ({"expiresAt": "2020-01-01T00:00:00Z"}, ["/expiresAt"]),
    "expiry without a zone": ({"expiresAt": "2099-01-01T00:00:00"}, ["/expiresAt"]),
    "expiry that does not exist": ({"expiresAt": "2099-02-30T00:00:00Z"}, ["/expiresAt"]),
    "expiry as a number": ({"expiresAt": 4070908800}, ["/expiresAt"]),
    "owner of 0 characters": ({"ownerUserId": ""}, ["/ownerUserId"]),
    "owner of 256 characters": ({"ownerUserId": "x" * 256}, ["/ownerUserId"]),
    "owner with a control character": ({"ownerUserId": "a\u0000"}, ["/ownerUserId"]),
    "owner is no string": ({"ownerUserId": 7}, ["/ownerUserId"]),
    "metadata of 5 KiB": ({"metadata": {"a": "x" * 5 * 1024}}, ["/metadata"]),
    "metadata one byte over 4 KiB": ({"metadata": {"a": "x" * (4 * 1024 - 7)}}, ["/metadata"]),
    "metadata with a lone surrogate": ({"metadata": {"a": ["\ud800"]}}, ["/metadata"]),
    "metadata is no object": ({"metadata": []}, ["/metadata"]),
    "CIDR of /33": ({"ipAllowList": ["192.0.2.0/24", "10.0.0.0/33"]}, ["/ipAllowList/1"]),
    "IPv6 CIDR of /129": ({"ipAllowList": ["2001:db8::/129"]}, ["/ipAllowList/0"]),
    "CIDR with bits after its prefix": ({"ipAllowList": ["10.0.0.1/8"]}, ["/ipAllowList/0"]),
    "address with a zone": ({"ipAllowList": ["fe80::1%eth0"]}, ["/ipAllowList/0"]),
    "21 blocks": ({"ipAllowList": ["192.0.2.1"] * 21}, ["/ipAllowList"]),
    "rate limit of nothing": ({"rateLimit": {"limit": 0, "windowSeconds": 60}}, ["/rateLimit/limit"]),
    "rate limit over 1,000 a second": ({"rateLimit": {"limit": 1_001, "windowSeconds": 1}}, ["/rateLimit/limit"]),
    "window of nothing": ({"rateLimit": {"limit": 1, "windowSeconds": 0}}, ["/rateLimit/windowSeconds"]),
    "window over a day": ({"rateLimit": {"limit": 1, "windowSeconds": 86_401}}, ["/rateLimit/windowSeconds"]),
    "burst over the limit": ({"rateLimit": {**_RATE, "burst": 101}}, ["/rateLimit/burst"]),
    "burst of nothing": ({"rateLimit": {**_RATE, "burst": 0}}, ["/rateLimit/burst"]),
    "rate limit without a window": ({"rateLimit": {"limit": 1}}, ["/rateLimit/windowSeconds"]),
    "negative credits": ({"credits": {"remaining": -1}}, ["/credits/remaining"]),
    "too many credits": ({"credits": {"remaining": 10**12 + 1}}, ["/credits/remaining"]),
    "credits as a fraction": ({"credits": {"remaining": 1.5}}, ["/credits/remaining"]),
    "refill of nothing": (
        {"credits": {"remaining": 1, "refill": {"amount": 0, "interval": "daily"}}},
        ["/credits/refill/amount"],
    ),
    "refill every hour": (
        {"credits": {"remaining": 1, "refill": {"amount": 1, "interval": "hourly"}}},
        ["/credits/refill/interval"],
    ),
    "profile id is no UUID": ({"profileId": "admins"}, ["/profileId"]),
    "missing profile": ({"profileId": "00000000-0000-4000-8000-000000000000"}, ["/profileId"]),
    "unknown field in a part": ({"credits": {"remaining": 1, "spent": 0}}, ["/credits/spent"]),
    "two mistakes": ({"name": "", "scopes": [3]}, ["/name", "/scopes/0"]),
}
"""By flaw: the fields added to a valid body, and the pointers in the response."""
