"""Why something about a webhook or an event is refused. (`EndpointUrlError` stands with the rules it is about.)"""


class WebhookNotFoundError(Exception):
    """No such webhook in the caller's account; another account's webhook and a missing one are the same."""


class WebhookChangedError(Exception):
    """Somebody else changed the webhook between its being read and being written."""


class TooManySecretsError(Exception):
    """As many of the webhook's secrets sign as may."""


class TooManyWebhooksError(Exception):
    """The account has as many webhooks as it may have."""


class EventTooLargeError(Exception):
    """The event's body, as it would be delivered, is over the limit."""


class UnstorableNumberError(Exception):
    """A number in the event that JSON can write and no receiver could read back: too large for a double."""
