"""The hosts of this API, which no webhook may call: its deliveries would come back as requests."""

from collections.abc import Iterable

from latchhook.webhooks.endpoint_url import EndpointUrl, EndpointUrlError, parse_endpoint_url


class OwnHosts:
    """Knows the configured domain names, the API's id, and the host of each request that the environment answers."""

    def __init__(self, names: Iterable[str] = (), *, api_id: str = "") -> None:
        """`names` are custom domains of the API, `api_id` is API Gateway's id of it; empty where it is not known.

        Raises `EndpointUrlError` for a name that is not a host name.
        """
        self._names = {parse_endpoint_url(f"https://{name}").host for name in names}
        self._api_ids = {api_id.lower()} if api_id else set()

    def learn(self, *, host: str, api_id: str) -> None:
        """Adds the host and the API id that API Gateway names in a request."""
        if host:
            self._names.add(host.lower())
        if api_id:
            self._api_ids.add(api_id.lower())

    def refuse(self, url: EndpointUrl) -> None:
        """Raises `EndpointUrlError` for a URL that leads to this API."""
        first_label, _, rest = url.host.partition(".")
        if url.host in self._names or (first_label in self._api_ids and rest.startswith("execute-api.")):
            raise EndpointUrlError("The URL must not lead to this API")
