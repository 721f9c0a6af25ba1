"""Request bodies of the OAuth client endpoints."""

import json
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from latchhook.api_keys.rotation import MAX_GRACE_SECONDS
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.schemas.api_keys import Scope
from latchhook.edge.schemas.validation import PRINTABLE, CheckedText, Integer, RequestBody, absent
from latchhook.oauth.client import (
    DEFAULT_ACCESS_SECONDS,
    DEFAULT_REFRESH_SECONDS,
    MAX_ACCESS_SECONDS,
    MAX_REFRESH_SECONDS,
    MAX_SCOPES,
    MIN_ACCESS_SECONDS,
    MIN_REFRESH_SECONDS,
    ClientSettings,
    ClientStatus,
    ClientType,
    GrantType,
    OAuthClient,
)
from latchhook.oauth.redirect_uri import MAX_LENGTH, MAX_REDIRECT_URIS, check_redirect_uri

_VISIBLE = "^[!-~]+$"


def _https_url(value: str) -> str:
    try:
        url = urlsplit(value)
        is_valid = url.scheme == "https" and bool(url.hostname) and "@" not in url.netloc
    except ValueError:
        is_valid = False
    if not is_valid or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("Must be an https URL.")
    return value


def _default_grant_types() -> list[GrantType]:
    return ["authorization_code", "refresh_token"]


def _compact(key_set: dict[str, Any] | None) -> str | None:
    return None if key_set is None else json.dumps({"keys": key_set["keys"]}, separators=(",", ":"))


def _unique(values: list[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


Name = Annotated[str, Field(min_length=1, max_length=100, description="The name that users see."), PRINTABLE]
Url = Annotated[str, Field(max_length=MAX_LENGTH), CheckedText(_https_url, pattern="^https://[!-~]+$", min_length=9)]
RedirectUri = Annotated[
    str, Field(max_length=MAX_LENGTH), CheckedText(check_redirect_uri, pattern=_VISIBLE, min_length=1)
]
RedirectUris = Annotated[
    list[RedirectUri],
    Field(
        max_length=MAX_REDIRECT_URIS,
        description="The addresses to which users return. A request must use one of them exactly. Allowed are https "
        "URLs, http URLs of loopback addresses, and schemes such as `com.example.app`.",
    ),
]
GrantTypes = Annotated[
    list[GrantType],
    Field(min_length=1, max_length=3, description="The ways to get a token (RFC 6749, 1.3)."),
]
Scopes = Annotated[
    list[Scope],
    Field(
        min_length=1,
        max_length=MAX_SCOPES,
        description="The most that users can grant. With `client_credentials`, the client's own rights.",
    ),
]
AccessSeconds = Annotated[
    Integer,
    Field(ge=MIN_ACCESS_SECONDS, le=MAX_ACCESS_SECONDS, description="The duration of an access token in seconds."),
]
RefreshSeconds = Annotated[
    Integer,
    Field(
        ge=MIN_REFRESH_SECONDS,
        le=MAX_REFRESH_SECONDS,
        description="The duration of a grant with refresh tokens in seconds. It starts with the consent.",
    ),
]


def _key_set(value: dict[str, Any]) -> dict[str, Any]:
    from latchhook.oauth.assertions import check_key_set

    check_key_set(value)
    return value


KeySet = Annotated[
    dict[str, Any],
    AfterValidator(_key_set),
    Field(
        description="The public keys of the client as a JSON Web Key Set (RFC 7517): at most 5 keys and 4 KiB, for "
        "ES256, EdDSA (Ed25519), PS256 or RS256 (at least 2048 bits). The client can then "
        "authenticate with `private_key_jwt`."
    ),
]


class CreateOAuthClientBody(RequestBody):
    """The request body that creates an OAuth client."""

    name: Name
    type: ClientType = Field(
        default="confidential",
        description="A `public` client cannot keep a secret: an app on a phone, in a browser or on a command line.",
    )
    redirect_uris: RedirectUris = Field(default_factory=list)
    grant_types: GrantTypes = Field(default_factory=_default_grant_types)
    scopes: Scopes
    logo_uri: Url | None = Field(default=None, description="The logo of the app.")
    client_uri: Url | None = Field(default=None, description="The home page of the app.")
    policy_uri: Url | None = Field(default=None, description="The privacy policy of the app.")
    access_token_seconds: AccessSeconds = DEFAULT_ACCESS_SECONDS
    refresh_token_seconds: RefreshSeconds = DEFAULT_REFRESH_SECONDS
    jwks: KeySet | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Any:
        check_settings(self.type, self.settings())
        return self

    def settings(self) -> ClientSettings:
        """Return the settings of the feature."""
        return ClientSettings(
            self.name,
            _unique(self.redirect_uris),
            _unique(self.grant_types),
            _unique(self.scopes),
            self.logo_uri,
            self.client_uri,
            self.policy_uri,
            self.access_token_seconds,
            self.refresh_token_seconds,
            key_set=_compact(self.jwks),
        )


class UpdateOAuthClientBody(RequestBody):
    """A JSON merge patch (RFC 7396) of an OAuth client. A list is replaced as a whole."""

    name: Name = Field(default_factory=absent)
    redirect_uris: RedirectUris | None = Field(default_factory=absent)
    grant_types: GrantTypes = Field(default_factory=absent)
    scopes: Scopes = Field(default_factory=absent)
    logo_uri: Url | None = Field(default_factory=absent)
    client_uri: Url | None = Field(default_factory=absent)
    policy_uri: Url | None = Field(default_factory=absent)
    access_token_seconds: AccessSeconds = Field(default_factory=absent)
    refresh_token_seconds: RefreshSeconds = Field(default_factory=absent)
    jwks: KeySet | None = Field(default_factory=absent)
    status: ClientStatus = Field(
        default_factory=absent, description="A `disabled` client gets no tokens, and its tokens are refused."
    )

    def applied_to(self, client: OAuthClient) -> ClientSettings:
        """Return the settings of `client` with the changes of the patch. Raises `InvalidFieldsError`."""
        changes: dict[str, Any] = {}
        if "jwks" in self.model_fields_set:
            changes["key_set"] = _compact(self.jwks)
        for name in self.model_fields_set - {"jwks"}:
            value = getattr(self, name)
            changes[name] = _unique(value or []) if name in ("redirect_uris", "grant_types", "scopes") else value
        settings = replace(client.settings, **changes)
        try:
            check_settings(client.type, settings)
        except ValueError as error:
            raise InvalidFieldsError([FieldError("", str(error))]) from None
        return settings


class RotateOAuthClientSecretBody(RequestBody):
    """The request body that rotates the secret of an OAuth client."""

    grace_period_seconds: Annotated[Integer, Field(ge=0, le=MAX_GRACE_SECONDS)] | None = Field(
        default=None,
        description="The grace period of the previous secret in seconds. The default is the deployment's "
        "`RotationGraceSeconds`.",
    )


def check_settings(kind: ClientType, chosen: ClientSettings) -> None:
    """Raise `ValueError` for settings that do not fit together."""
    if kind == "public" and chosen.key_set is not None:
        raise ValueError("A public client can't have keys, because it can't keep the private ones.")
    if kind == "public" and "client_credentials" in chosen.grant_types:
        raise ValueError("A public client can't use client_credentials, because it has no secret.")
    if "refresh_token" in chosen.grant_types and "authorization_code" not in chosen.grant_types:
        raise ValueError("The grant type refresh_token requires authorization_code.")
    if "authorization_code" in chosen.grant_types and not chosen.redirect_uris:
        raise ValueError("The grant type authorization_code requires a redirect URI.")
