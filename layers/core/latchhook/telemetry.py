"""The log: structured, one line a request or record, and no secret in any."""

import traceback
from typing import Any

from aws_lambda_powertools.logging import Logger

logger = Logger(service="latchhook", utc=True)


def log_failure(message: str, error: BaseException, **facts: Any) -> None:
    """Logs a failure of ours: where it happened and its type, with the text of our own errors only.

    The text of a library's error can quote what it was given, and what it was given can be a secret.
    """
    ours = type(error).__module__.startswith("latchhook.")
    logger.error(
        message,
        extra={
            "error": f"{type(error).__qualname__}: {error}" if ours else type(error).__qualname__,
            "stack": traceback.format_list(traceback.extract_tb(error.__traceback__)),
            **facts,
        },
    )
