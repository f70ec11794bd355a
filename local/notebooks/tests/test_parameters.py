"""How a GET request's body is taken for its query."""

import asyncio
from typing import Any

import pytest

from notebook_runner.parameters import Message, Receive, Send, with_body_parameters


def _query_seen(method: str, query: bytes, *bodies: bytes) -> tuple[bytes, list[Message]]:
    """The query that the application sees, and what it can still receive."""
    seen: dict[str, Any] = {}

    async def app(scope: Message, _receive: Receive, _send: Send) -> None:
        seen["query"] = scope["query_string"]
        seen["left"] = list(messages)

    messages: list[Message] = [
        {"type": "http.request", "body": body, "more_body": index < len(bodies) - 1}
        for index, body in enumerate(bodies)
    ]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "method": method, "query_string": query}
    asyncio.run(with_body_parameters(app)(scope, receive, send))
    return seen["query"], seen["left"]


@pytest.mark.parametrize(
    ("query", "bodies", "seen"),
    [
        (b"", [b'{"run_id": 7}'], b"run_id=7"),
        (b"a=b", [b'{"run_', b'id": "7 8"}'], b"a=b&run_id=7+8"),
        (b"a=b", [b""], b"a=b"),
    ],
)
def test_a_get_request_is_told_of_its_body(query: bytes, bodies: list[bytes], seen: bytes) -> None:
    assert _query_seen("GET", query, *bodies)[0] == seen


def test_the_body_of_another_request_stays_where_it_is() -> None:
    query, left = _query_seen("POST", b"a=b", b'{"run_id": 7}')
    assert query == b"a=b"
    assert len(left) == 1
