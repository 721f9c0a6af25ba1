"""Management of API keys."""

from functools import cache

from latchhook.api_keys.bulk_revocation import BulkRevoker
from latchhook.api_keys.changing import KeyEditor
from latchhook.api_keys.importing import KeyImporter
from latchhook.api_keys.issuing import KeyIssuer
from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.environment import catalogue, rng, settings
from latchhook.bootstrap.key_owners import key_owners
from latchhook.bootstrap.permissions import profiles_table
from latchhook.bootstrap.request_checks import completed_requests


@cache
def key_issuer() -> KeyIssuer:
    """Creates, rotates and revokes keys."""
    return KeyIssuer(
        store=api_keys_table(),
        profiles=profiles_table,
        owners=key_owners,
        prefix=settings().api_key_prefix,
        catalogue=catalogue(),
        default_grace_seconds=settings().rotation_grace_seconds,
        rng=rng(),
    )


@cache
def key_editor() -> KeyEditor:
    """Changes the settings of keys."""
    return KeyEditor(api_keys_table(), profiles_table, key_owners, catalogue(), rng())


@cache
def key_importer() -> KeyImporter:
    """Imports keys."""
    return KeyImporter(
        api_keys_table(), profiles_table, key_owners, settings().api_key_prefix, catalogue(), rng(), completed_requests
    )


@cache
def bulk_revoker() -> BulkRevoker:
    """Revokes many keys."""
    return BulkRevoker(api_keys_table(), rng())
