"""GET /permission-profiles: the account's profiles, newest first, and how many keys each has (document 003)."""

from latchhook import bootstrap
from latchhook.edge import cursors
from latchhook.edge.answers.profiles import PermissionProfileListAnswer, profile_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

LIST = "permission-profiles"

profiles = bootstrap.profiles()


@bootstrap.endpoint(Description(scope="api-keys:read", answer=PermissionProfileListAnswer, paged=True))
def handler(request: Request[None]) -> Answer:
    """List permission profiles."""
    limit, after = request.page(LIST, default_limit=50)
    page = profiles.page(request.account_id, limit=limit, after=after)
    answer: PermissionProfileListAnswer = {
        "data": [profile_answer(profile) for profile in page.things],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(answer)
