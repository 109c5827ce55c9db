"""What tests of the desk share: the token that its forms carry."""

from __future__ import annotations

import re

from starlette.testclient import TestClient


def token(browser: TestClient, path: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="token" value="([0-9a-f]{64})"', browser.get(path).text)
    assert found is not None
    return found[1]
