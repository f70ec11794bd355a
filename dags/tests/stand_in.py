"""An HTTP server on the loopback, for what stands in for a service in the tests."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Protocol, Self


class NoAnswer(Exception):  # noqa: N818 — no error, but what a service does
    """The connection is closed without an answer, as where a server dies."""


class Service(Protocol):
    """Answers requests."""

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, str, str]:
        """The status, the content type and the body.

        Raises:
            NoAnswer: where the connection is to be closed instead.
        """


class StandIn:
    """Serves on a free port until it is closed."""

    def __init__(self, service: Service) -> None:
        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    status, content_type, text = service.answer(self.command, self.path, self.headers, body)
                except NoAnswer:
                    self.close_connection = True
                    return
                content = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer  # noqa: N815 — the base class's names

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def as_json(status: int, document: object) -> tuple[int, str, str]:
    """An answer in JSON."""
    return status, "application/json", json.dumps(document)
