"""The parameter `IdentityProviders`: a JSON list of providers, each with a preset and its own settings."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from latchhook.identity.claims import ClaimPath
from latchhook.identity.provider import AUTH0, CLERK, COGNITO, OIDC, SUPABASE, Paths, Provider
from latchhook.permissions.roles import ROLES

MAX_PROVIDERS = 5

_WELL_KNOWN_KEYS = ".well-known/jwks.json"
_SAFE_URL = re.compile(r"https://[^\s/]+\S*|http://(?:localhost|127\.0\.0\.1)[:/]\S*")
_CLAIMS = {
    "userClaim": "user", "accountClaim": "account", "roleClaim": "role", "clientsClaim": "clients", "nameClaim": "name",
}  # fmt: skip
_SINGLE_VALUES = ("userClaim", "accountClaim", "nameClaim")
_MEMBERS = {"preset", "issuer", "audience", "jwksUrl", "secretArn", "allowedClients", "roles", *_CLAIMS}


class InvalidProvidersError(ValueError):
    """The parameter `IdentityProviders` is invalid."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The parameter IdentityProviders is invalid: {reason}.")


@dataclass(frozen=True, slots=True)
class _Preset:
    """The defaults of a kind of provider."""

    user: str = "sub"
    account: Sequence[str] = ()
    role: Sequence[str] = ()
    clients: Sequence[str] = ()
    name: Sequence[str] = ("name",)
    roles: Mapping[str, str] = field(
        default_factory=lambda: {"admin": "admin", "advisor": "advisor", "member": "member"}
    )
    audience: str | None = None
    needs_audience: bool = True
    publishes_keys: bool = True
    """Whether the public keys have a URL that follows from the issuer."""


PRESETS: Mapping[str, _Preset] = {
    # Only `app_metadata` is read, because users can edit their other metadata.
    SUPABASE: _Preset(
        account=("app_metadata.account_id",),
        role=("app_metadata.role",),
        clients=("app_metadata.client_account_ids[]",),
        name=(),
        roles={"business_admin": "admin", "advisor": "advisor", "member": "member"},
        audience="authenticated",
    ),
    AUTH0: _Preset(account=("org_id",)),
    COGNITO: _Preset(
        account=("custom:account_id",), role=("cognito:groups[]",), clients=("custom:client_account_ids",)
    ),
    # Version 2 of Clerk's session tokens has the organization in `o`, version 1 at the top level.
    CLERK: _Preset(account=("o.id", "org_id"), role=("o.rol", "org_role"), needs_audience=False),
    OIDC: _Preset(publishes_keys=False),
}


def read_providers(text: str) -> tuple[Provider, ...]:
    """Read the parameter. Raises `InvalidProvidersError` with the place and the reason."""
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise InvalidProvidersError(f"it is not JSON ({error})") from None
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_PROVIDERS:
        raise InvalidProvidersError(f"it must be a list of 1 to {MAX_PROVIDERS} providers")
    providers = tuple(_Entry(position, entry).provider() for position, entry in enumerate(entries, start=1))
    issuers = [provider.issuer for provider in providers]
    if len(set(issuers)) < len(issuers):
        raise InvalidProvidersError("two providers have the same issuer")
    return providers


def supabase(
    issuer: str, *, audience: str, jwks_url: str, secret_arn: str, allowed_clients: frozenset[str]
) -> Provider:
    """The Supabase project of the parameters `Jwt…`."""
    preset = PRESETS[SUPABASE]
    return Provider(
        SUPABASE, issuer, frozenset({audience}), jwks_url, secret_arn, allowed_clients, **_paths_of(preset),
        roles=preset.roles,
    )  # fmt: skip


class _Entry:
    """One provider of the parameter."""

    def __init__(self, position: int, entry: Any) -> None:
        self._position = position
        if not isinstance(entry, dict) or str(entry.get("preset")) not in PRESETS:
            raise InvalidProvidersError(f"provider {position} needs a preset: {', '.join(PRESETS)}")
        self._entry = entry
        self._preset = PRESETS[entry["preset"]]

    def provider(self) -> Provider:
        """Return the provider. Raises `InvalidProvidersError`."""
        unknown = sorted(self._entry.keys() - _MEMBERS)
        if unknown:
            self._refuse(f"has the unknown member {unknown[0]}")
        issuer = self._text("issuer") or self._refuse("needs an issuer")
        secret_arn = self._text("secretArn")
        paths = _paths_of(self._preset) | {_CLAIMS[name]: self._path(name) for name in _CLAIMS if name in self._entry}
        if not paths["account"]:
            self._refuse("needs an accountClaim")
        return Provider(
            self._entry["preset"],
            issuer,
            self._audiences(),
            self._jwks_url(issuer, has_secret=bool(secret_arn)),
            secret_arn,
            self._texts("allowedClients"),
            **paths,
            roles=self._roles(),
        )

    def _refuse(self, reason: str) -> NoReturn:
        raise InvalidProvidersError(f"provider {self._position} {reason}")

    def _text(self, name: str) -> str:
        value = self._entry.get(name, "")
        if not isinstance(value, str) or (name in self._entry and not value):
            self._refuse(f"needs a text as {name}")
        return str(value)

    def _texts(self, name: str) -> frozenset[str]:
        value = self._entry.get(name, [])
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(each, str) and each for each in texts):
            self._refuse(f"needs a text or a list of texts as {name}")
        return frozenset(texts)

    def _audiences(self) -> frozenset[str]:
        audiences = self._texts("audience") or frozenset(filter(None, [self._preset.audience]))
        if not audiences and self._preset.needs_audience:
            self._refuse("needs an audience")
        return audiences

    def _jwks_url(self, issuer: str, *, has_secret: bool) -> str:
        url = self._text("jwksUrl")
        if not url and not has_secret:
            if not self._preset.publishes_keys:
                self._refuse("needs a jwksUrl or a secretArn")
            url = f"{issuer.removesuffix('/')}/{_WELL_KNOWN_KEYS}"
        if url and not _SAFE_URL.fullmatch(url):
            self._refuse("needs an https URL as jwksUrl")
        return url

    def _path(self, name: str) -> Paths:
        try:
            path = ClaimPath.of(self._text(name))
        except ValueError as error:
            self._refuse(f"has an invalid {name}: the path {error}")
        if path.is_list and name in _SINGLE_VALUES:
            self._refuse(f"needs a single text, not a list, as {name}")
        return (path,)

    def _roles(self) -> Mapping[str, str]:
        roles = self._entry.get("roles")
        if roles is None:
            roles = self._preset.roles
        if not isinstance(roles, dict) or not all(isinstance(each, str) and each in ROLES for each in roles.values()):
            self._refuse(f"needs roles that are an object with the values {', '.join(ROLES)}")
        if self._entry["preset"] != CLERK:
            return roles
        # Version 1 of Clerk's session tokens writes `org:admin` where version 2 writes `admin`.
        plain = {name.removeprefix("org:"): role for name, role in roles.items()}
        return plain | {f"org:{name}": role for name, role in plain.items()}


def _paths_of(preset: _Preset) -> dict[str, Any]:
    return {
        "user": (ClaimPath.of(preset.user),),
        "account": tuple(map(ClaimPath.of, preset.account)),
        "role": tuple(map(ClaimPath.of, preset.role)),
        "clients": tuple(map(ClaimPath.of, preset.clients)),
        "name": tuple(map(ClaimPath.of, preset.name)),
    }
