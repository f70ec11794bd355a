"""Takes a GET request's parameters from its body too, as Databricks does: Airflow's triggers put them there."""

import json
from collections.abc import Callable, Coroutine, MutableMapping
from typing import Any
from urllib.parse import urlencode

Message = MutableMapping[str, Any]
Receive = Callable[[], Coroutine[Any, Any, Message]]
Send = Callable[[Message], Coroutine[Any, Any, None]]
App = Callable[[Message, Receive, Send], Coroutine[Any, Any, None]]


def with_body_parameters(app: App) -> App:
    """The application, told of a GET request's JSON body as of its query."""

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            parameters = json.loads(await _body(receive) or b"{}")
            query = [scope["query_string"], urlencode(parameters).encode()]
            scope = {**scope, "query_string": b"&".join(part for part in query if part)}
        await app(scope, receive, send)

    return wrapped


async def _body(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body
