"""What the permission profile endpoints take."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from latchhook.edge.schemas.validation import PRINTABLE, RequestBody, absent
from latchhook.permissions.profile_editing import ProfileSettings
from latchhook.permissions.profiles import MAX_ACTIONS, MAX_RULES, Profile, Rule
from latchhook.permissions.scopes import is_scope, is_wildcard


def _action(value: str) -> str:
    if not is_scope(value) and not is_wildcard(value):
        raise ValueError("An action is resource:action in lower case, resource:*, or *.")
    return value


class ProfileRule(RequestBody):
    """Actions that keys with the profile may do, or may not."""

    effect: Literal["allow", "deny"] = Field(description="Deny wins over allow, whatever the order of the rules.")
    actions: Annotated[
        list[Annotated[str, Field(max_length=200), AfterValidator(_action)]],
        Field(min_length=1, max_length=MAX_ACTIONS, description="Scopes, or wildcards such as orders:* and *."),
    ]


def _few_actions(rules: list[ProfileRule]) -> list[ProfileRule]:
    if sum(len(rule.actions) for rule in rules) > MAX_ACTIONS:
        raise ValueError(f"All rules together must have at most {MAX_ACTIONS} actions.")
    return rules


Name = Annotated[str, Field(min_length=1, max_length=255, description="What people call the profile."), PRINTABLE]
Description = Annotated[str, Field(max_length=1000), PRINTABLE]
Rules = Annotated[
    list[ProfileRule],
    Field(
        max_length=MAX_RULES,
        description=f"What is allowed beside a key's own scopes, and what is denied: {MAX_ACTIONS} actions at most.",
    ),
    AfterValidator(_few_actions),
]


class CreateProfileBody(RequestBody):
    """`POST /permission-profiles` (document 003)."""

    name: Name
    description: Description | None = None
    rules: Rules = Field(default_factory=list)

    def settings(self) -> ProfileSettings:
        """As the feature takes it."""
        return ProfileSettings(self.name, self.description, _as_rules(self.rules))


class UpdateProfileBody(RequestBody):
    """`PATCH /permission-profiles/{id}`, a JSON merge patch (RFC 7396): null takes away, a list is replaced whole."""

    name: Name = Field(default_factory=absent)
    description: Description | None = Field(default_factory=absent)
    rules: Rules | None = Field(default_factory=absent)

    def applied_to(self, profile: Profile) -> ProfileSettings:
        """The profile's settings with what the patch names."""
        given = self.model_fields_set
        return ProfileSettings(
            self.name if "name" in given else profile.name,
            self.description if "description" in given else profile.description,
            _as_rules(self.rules or []) if "rules" in given else profile.rules,
        )


def _as_rules(rules: list[ProfileRule]) -> tuple[Rule, ...]:
    return tuple(Rule(rule.effect, tuple(rule.actions)) for rule in rules)
