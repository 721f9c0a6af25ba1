"""POST /permission-profiles: create a permission profile."""

from typing import Any

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.permissions import profile_editor, profiles_table
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.profiles import PermissionProfileResponse, profile_response
from latchhook.edge.schemas.profiles import CreateProfileBody
from latchhook.idempotency_records import CompletedRequest
from latchhook.permissions.profiles import Profile

editor = profile_editor()
profiles = profiles_table()


def _response(profile: Profile) -> Response:
    return Response(201, profile_response(profile), {"location": f"permission-profiles/{profile.id}"})


def _replay(request: Request[Any], done: CompletedRequest) -> Response:
    return _response(profiles.get(request.account_id, done.target_id))


@endpoint(
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
        problems=("scope_beyond_creator", "too_many_profiles"),
        replay=_replay,
        rate="write",
    )
)
def handler(request: Request[CreateProfileBody]) -> Response:
    """Create a permission profile."""
    return _response(editor.create(request.body.settings(), request.origin, request.idempotency_key))
