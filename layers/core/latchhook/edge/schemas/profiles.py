"""Request bodies of the permission profile endpoints."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from latchhook.edge.schemas.validation import PRINTABLE, CheckedText, RequestBody, absent
from latchhook.permissions.profile_editing import ProfileSettings
from latchhook.permissions.profiles import MAX_ACTIONS, MAX_RULES, Profile, Rule
from latchhook.permissions.scopes import GRANT_PATTERN, MAX_SCOPE_LENGTH, is_scope, is_wildcard


def _action(value: str) -> str:
    if not is_scope(value) and not is_wildcard(value):
        raise ValueError("An action is resource:action in lower case, resource:*, or *.")
    return value


class ProfileRule(RequestBody):
    """A rule that allows or denies actions of keys with the profile."""

    effect: Literal["allow", "deny"] = Field(
        description="A `deny` rule has priority over `allow` rules, independent of their order."
    )
    actions: Annotated[
        list[
            Annotated[
                str, Field(max_length=MAX_SCOPE_LENGTH), CheckedText(_action, pattern=GRANT_PATTERN, min_length=1)
            ]
        ],
        Field(min_length=1, max_length=MAX_ACTIONS, description="Scopes and wildcards such as `orders:*` and `*`."),
    ]


def _few_actions(rules: list[ProfileRule]) -> list[ProfileRule]:
    if sum(len(rule.actions) for rule in rules) > MAX_ACTIONS:
        raise ValueError(f"All rules together must have at most {MAX_ACTIONS} actions.")
    return rules


Name = Annotated[str, Field(min_length=1, max_length=255, description="The name of the profile."), PRINTABLE]
Description = Annotated[str, Field(max_length=1000), PRINTABLE]
Rules = Annotated[
    list[ProfileRule],
    Field(
        max_length=MAX_RULES,
        description="The actions that the profile adds to a key's own scopes, and those that it denies: at most "
        f"{MAX_ACTIONS} actions in all rules.",
    ),
    AfterValidator(_few_actions),
]


class CreateProfileBody(RequestBody):
    """The request body that creates a permission profile."""

    name: Name
    description: Description | None = None
    rules: Rules = Field(default_factory=list)

    def settings(self) -> ProfileSettings:
        """Return the profile settings of the feature."""
        return ProfileSettings(self.name, self.description, _as_rules(self.rules))


class UpdateProfileBody(RequestBody):
    """A JSON merge patch (RFC 7396) of a permission profile. A list is replaced as a whole."""

    name: Name = Field(default_factory=absent)
    description: Description | None = Field(default_factory=absent)
    rules: Rules | None = Field(default_factory=absent)

    def applied_to(self, profile: Profile) -> ProfileSettings:
        """Return the settings of `profile` with the changes of the patch."""
        given = self.model_fields_set
        return ProfileSettings(
            self.name if "name" in given else profile.name,
            self.description if "description" in given else profile.description,
            _as_rules(self.rules or []) if "rules" in given else profile.rules,
        )


def _as_rules(rules: list[ProfileRule]) -> tuple[Rule, ...]:
    return tuple(Rule(rule.effect, tuple(rule.actions)) for rule in rules)
