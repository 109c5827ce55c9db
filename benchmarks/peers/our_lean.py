"""Our model and explainer in an application without a framework: bodies read and written by msgspec."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec
import numpy as np
from our_model import MODEL

Message = MutableMapping[str, Any]


class Row(msgspec.Struct):
    """Features of one loan, null = not observed."""

    features: list[float | None]


READ = msgspec.json.Decoder(Row)


async def app(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Log-odds and contributions of a row; anything else is told that the model is loaded."""
    if scope["type"] != "http":
        return
    content = b'{"status":"ready"}'
    if scope["path"] == "/predict":
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        x = np.array([READ.decode(body).features], np.float32)
        content = msgspec.json.encode({"explained": [*MODEL.raw(x).tolist(), *MODEL.contributions(x)[0].tolist()]})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})
