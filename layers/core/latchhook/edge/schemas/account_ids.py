"""Account ids in request bodies."""

from typing import Annotated

from latchhook.edge.schemas.validation import CheckedText
from latchhook.identity.caller import ACCOUNT_ID_PATTERN, is_account_id


def _account_id(value: str) -> str:
    if not is_account_id(value):
        raise ValueError("Must be 1 to 64 letters, digits, '_', '.', ':' or '-'.")
    return value


AccountId = Annotated[str, CheckedText(_account_id, pattern=ACCOUNT_ID_PATTERN, min_length=1, max_length=64)]
