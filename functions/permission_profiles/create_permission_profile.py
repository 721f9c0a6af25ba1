"""POST /permission-profiles: create a permission profile."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.profiles import PermissionProfileResponse, profile_response
from latchhook.edge.schemas.profiles import CreateProfileBody

editor = bootstrap.profile_editor()


@bootstrap.endpoint(
    Description(
        summary="Create a permission profile",
        description=(
            "Creates a list of allow and deny rules that several keys can share. The caller must have every action "
            "that the rules allow. An account can have 100 profiles."
        ),
        scope="api-keys:write",
        body=CreateProfileBody,
        response=PermissionProfileResponse,
        status=201,
        problems=(409,),
        rate="write",
    )
)
def handler(request: Request[CreateProfileBody]) -> Response:
    """Create a permission profile."""
    profile = editor.create(request.body.settings(), request.origin)
    return Response(201, profile_response(profile), {"location": f"permission-profiles/{profile.id}"})
