"""The check of query parameters. A misspelt filter must be refused, because ignoring it would widen the request."""

from collections import Counter
from collections.abc import Mapping

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.request import RawRequest

MAX_FINDINGS = 100


def check_query(request: RawRequest, known: Mapping[str, bool]) -> None:
    """Raise `InvalidFieldsError` for unknown and repeated parameters.

    `known` maps each parameter's name to whether it can be repeated.
    """
    errors = []
    for name, times in Counter(request.query_names()).items():
        if name not in known:
            errors.append(FieldError(f"?{name}", "Unknown query parameter."))
        elif times > 1 and not known[name]:
            errors.append(FieldError(f"?{name}", "This query parameter can be sent only once."))
    if errors:
        raise InvalidFieldsError(errors[:MAX_FINDINGS])
