"""DELETE /event-types/{name}: events of this name are delivered all the same, whatever their entity."""

from latchhook import bootstrap
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request
from latchhook.webhooks.errors import EventTypeNotFoundError
from latchhook.webhooks.event_names import is_event_name

editor = bootstrap.event_type_editor()


@bootstrap.endpoint(
    Description(scope="event-types:write", response=None, status=204, problems=(404,), account_wide=False)
)
def handler(request: Request[None]) -> Response:
    """Delete an event type."""
    name = request.path_text("name")
    if not is_event_name(name):
        raise EventTypeNotFoundError
    editor.delete(name, request.origin)
    return NO_CONTENT
