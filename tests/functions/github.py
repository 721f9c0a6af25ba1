"""GitHub's secret scanning, which sends reports to the function of this process."""

import json
from collections.abc import Sequence
from typing import Any

from latchhook.transport.github_signatures import GithubSignatures
from latchhook.transport.published_keys import PublishedKeys, github_keys
from tests import github
from tests.functions.calls import Answered, call, module
from tests.github import URL, found

FUNCTION = "report_github_leaks"


class Github(github.Github):
    """A fake GitHub that reports exposed keys."""

    def believed_by_function(self) -> None:
        """Make the function accept this GitHub as the real one, because settings are read only once per process."""
        signatures = GithubSignatures(PublishedKeys(self.keys_url, github_keys))
        module(FUNCTION).handler._signatures = lambda: signatures

    def report(self, *tokens: str, url: str = URL) -> Answered:
        """Report keys found in one place."""
        return self.send([found(token, url=url) for token in tokens])

    def send(self, document: Any) -> Answered:
        """Send a document with a signature."""
        content = json.dumps(document).encode()
        return call(FUNCTION, raw=content, headers=self.signature_headers(content))


def labels(response: Answered) -> Sequence[str]:
    """Return the label of each key text in a report."""
    assert response.status == 200, response.text
    return [each["label"] for each in response.body]
