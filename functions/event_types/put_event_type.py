"""PUT /event-types/{name}: register or replace an event type."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.event_type_management import event_type_editor
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.request import Request
from latchhook.edge.responses.event_types import EventTypeResponse, event_type_response
from latchhook.edge.schemas.event_types import PutEventTypeBody
from latchhook.webhooks.event_names import is_event_name

editor = event_type_editor()


@endpoint(
    Description(
        summary="Register or replace an event type",
        description=(
            "Registers an event type (201) or replaces a registered one (200). New events with this name must fit its "
            "schema. The change takes effect within 60 seconds. A deployment can have 1,000 event types."
        ),
        scope="event-types:write",
        body=PutEventTypeBody,
        response=EventTypeResponse,
        may_create=True,
        problems=("too_many_event_types",),
        account_wide=False,
    )
)
def handler(request: Request[PutEventTypeBody]) -> Response:
    """Register or replace an event type."""
    name = request.path_text("name")
    if not is_event_name(name):
        raise InvalidFieldsError([FieldError("{name}", "Must be lowercase words separated by dots.")])
    event_type, is_new = editor.put(name, request.body.settings(), request.origin)
    response = event_type_response(event_type)
    return Response(201, response, {"location": name}) if is_new else Response(200, response)
