"""GitHub's secret scanning, whose reports the function of this process gets."""

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
    """Reports what it has found."""

    def believed_by_function(self) -> None:
        """From now on the function takes this GitHub for the real one: settings are read once in a process."""
        signatures = GithubSignatures(PublishedKeys(self.keys_url, github_keys))
        module(FUNCTION).handler._signatures = lambda: signatures

    def report(self, *tokens: str, url: str = URL) -> Answered:
        """Reports keys, all of them found in one place."""
        return self.send([found(token, url=url) for token in tokens])

    def send(self, document: Any) -> Answered:
        """Sends a document that it has signed."""
        content = json.dumps(document).encode()
        return call(FUNCTION, raw=content, headers=self.signature_headers(content))


def labels(response: Answered) -> Sequence[str]:
    """What was said of each text of a report."""
    assert response.status == 200, response.text
    return [each["label"] for each in response.body]
