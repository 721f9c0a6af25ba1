"""Why something about a webhook or an event is refused. (`EndpointUrlError` stands with the rules it is about.)"""


class WebhookNotFoundError(Exception):
    """No such webhook in the caller's account; another account's webhook and a missing one are the same."""


class WebhookChangedError(Exception):
    """Somebody else changed the webhook between its being read and being written."""


class TooManySecretsError(Exception):
    """As many of the webhook's secrets sign as may."""


class TooManyWebhooksError(Exception):
    """The account has as many webhooks as it may have."""


class WebhookWithoutUrlError(Exception):
    """The webhook has no URL yet to send anything to."""


class WebhookNotActiveError(Exception):
    """The webhook is paused, disabled or without URL: nothing is delivered to it now."""


class DeliveryNotFoundError(Exception):
    """No such delivery to this webhook."""


class EventGoneError(Exception):
    """The delivery's event is not kept any more."""


class TooManyAttemptsError(Exception):
    """The delivery was attempted as often as a delivery may be."""


class EventTooLargeError(Exception):
    """The event's body, as it would be delivered, is over the limit."""


class UnstorableNumberError(Exception):
    """A number in the event that JSON can write and no receiver could read back: too large for a double."""
