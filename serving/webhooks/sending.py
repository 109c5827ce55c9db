"""Sending one message: to an address that was looked up and judged first, with a signature, and no redirects."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from serving.webhooks.endpoints import Endpoint
from serving.webhooks.signing import signed

PATIENCE = 15.0
"""Seconds to wait for a receiver."""


@dataclass(frozen=True)
class Sent:
    """What a receiver answered: `status` 0 where it gave no answer, with the reason in `error`."""

    status: int
    error: str = ""

    @property
    def delivered(self) -> bool:
        """Whether it took the message."""
        return 200 <= self.status < 300


class _Secure(http.client.HTTPSConnection):
    """HTTPS to an address that was judged, with the certificate of the name."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self._context_of = ssl.create_default_context()
        super().__init__(host, port, timeout=PATIENCE, context=self._context_of)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), PATIENCE)
        self.sock = self._context_of.wrap_socket(plain, server_hostname=self.host)


def send(endpoint: Endpoint, message_id: str, body: bytes, now: int) -> Sent:
    """Send `body` at second `now` of UTC; never raises for what a receiver or the network does."""
    parts = urlsplit(endpoint.url)
    host, secure = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    headers = signed(endpoint.secret, message_id, now, body)
    headers |= {"content-type": "application/json", "user-agent": "loanwatch-webhooks/1", "host": parts.netloc}
    connection: http.client.HTTPConnection | None = None
    try:
        address = _address(host, port, endpoint.allow_private)
        connection = (
            _Secure(host, port, address) if secure else http.client.HTTPConnection(address, port, timeout=PATIENCE)
        )
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read(1_024)
        return Sent(answer.status, "" if 200 <= answer.status < 300 else f"answered {answer.status}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Sent(0, f"{type(error).__name__}: {error}"[:200])
    finally:
        if connection is not None:
            connection.close()


def _address(host: str, port: int, allow_private: bool) -> str:
    """An address of `host` to connect to. Raises OSError where it has none, or one that is not of the internet."""
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not allow_private:
        inside = [one for one in found if not ipaddress.ip_address(one.partition("%")[0]).is_global]
        if inside:
            raise OSError(f"{host} is the private address {inside[0]}; allow_private = true lets it pass")
    return found[0]
