"""POST /permission-profiles: rules that keys can share (document 003); nobody gives what they don't hold."""

from latchhook import bootstrap
from latchhook.edge.answers.profiles import PermissionProfileAnswer, profile_answer
from latchhook.edge.endpoint import Answer, Description
from latchhook.edge.request import Request
from latchhook.edge.schemas.profiles import CreateProfileBody

editor = bootstrap.profile_editor()


@bootstrap.endpoint(
    Description(
        scope="api-keys:write",
        body=CreateProfileBody,
        answer=PermissionProfileAnswer,
        status=201,
        problems=(409,),
        rate="write",
    )
)
def handler(request: Request[CreateProfileBody]) -> Answer:
    """Create a permission profile."""
    profile = editor.create(request.body.settings(), request.origin)
    return Answer(201, profile_answer(profile), {"location": f"permission-profiles/{profile.id}"})
