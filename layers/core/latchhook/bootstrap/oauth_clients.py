"""OAuth clients."""

from functools import cache

from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import catalogue, rng, settings
from latchhook.oauth.client_editing import ClientEditor
from latchhook.storage.oauth_clients_table import OAuthClientsTable


@cache
def oauth_clients_table() -> OAuthClientsTable:
    """The table of OAuth clients."""
    return OAuthClientsTable(database(), audit=audit_items(), keys_table=settings().api_keys_table)


@cache
def oauth_client_editor() -> ClientEditor:
    """Creates, changes, rotates and deletes OAuth clients."""
    return ClientEditor(oauth_clients_table(), catalogue(), rng())
