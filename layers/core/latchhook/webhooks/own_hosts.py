"""Refuses webhooks to the hosts of this API, because their deliveries would become requests of the API itself."""

from collections.abc import Iterable

from latchhook.webhooks.endpoint_url import EndpointUrl, EndpointUrlError, parse_endpoint_url


class OwnHosts:
    """The configured domain names, the API's id, and the hosts of all requests that the environment has handled."""

    def __init__(self, names: Iterable[str] = (), *, api_id: str = "") -> None:
        """Store the custom domain names and API Gateway's id of the API. `api_id` is empty if it is unknown.

        Raises `EndpointUrlError` for a name that is not a host name.
        """
        self._names = {parse_endpoint_url(f"https://{name}").host for name in names}
        self._api_ids = {api_id.lower()} if api_id else set()

    def learn(self, *, host: str, api_id: str) -> None:
        """Add the host and the API id of a request from API Gateway."""
        if host:
            self._names.add(host.lower())
        if api_id:
            self._api_ids.add(api_id.lower())

    def refuse(self, url: EndpointUrl) -> None:
        """Raise `EndpointUrlError` for a URL of this API."""
        first_label, _, rest = url.host.partition(".")
        if url.host in self._names or (first_label in self._api_ids and rest.startswith("execute-api.")):
            raise EndpointUrlError("The URL must not lead to this API")
