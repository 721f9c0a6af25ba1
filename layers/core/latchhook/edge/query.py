"""Which parameters a query may have: a misspelt one must not widen what a request is about."""

from collections import Counter
from collections.abc import Mapping

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.request import RawRequest

MAX_FINDINGS = 100


def check_query(request: RawRequest, known: Mapping[str, bool]) -> None:
    """Refuses parameters that are not `known`, and repeated ones that `known` does not allow.

    Raises `InvalidFieldsError`.
    """
    errors = []
    for name, times in Counter(request.query_names()).items():
        if name not in known:
            errors.append(FieldError(f"?{name}", "There is no such query parameter."))
        elif times > 1 and not known[name]:
            errors.append(FieldError(f"?{name}", "This query parameter must be sent once."))
    if errors:
        raise InvalidFieldsError(errors[:MAX_FINDINGS])
