"""DELETE /event-types/{name}: delete an event type."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.event_type_management import event_type_editor
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request
from latchhook.webhooks.errors import EventTypeNotFoundError
from latchhook.webhooks.event_names import is_event_name

editor = event_type_editor()


@endpoint(
    Description(
        summary="Delete an event type",
        description=(
            "Deletes an event type. Events with this name are still delivered, and their entities are no longer "
            "checked. The change takes effect within 60 seconds."
        ),
        scope="event-types:write",
        response=None,
        status=204,
        problems=(404,),
        account_wide=False,
    )
)
def handler(request: Request[None]) -> Response:
    """Delete an event type."""
    name = request.path_text("name")
    if not is_event_name(name):
        raise EventTypeNotFoundError
    editor.delete(name, request.origin)
    return NO_CONTENT
