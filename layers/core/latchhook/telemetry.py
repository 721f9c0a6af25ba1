"""The structured log: one line per request or record, without secrets."""

import traceback
from typing import Any

from aws_lambda_powertools.logging import Logger

logger = Logger(service="latchhook", utc=True)


def log_failure(message: str, error: BaseException, **facts: Any) -> None:
    """Log an internal failure with its type and stack. The message of the error is logged only for Latchhook's errors.

    The message of a library's error may quote its input, and the input may be a secret.
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
