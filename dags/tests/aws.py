"""Stands in for AWS: Secrets Manager's GetSecretValue and SNS's Publish, all that the daily run calls."""

import json
from typing import Any
from urllib.parse import parse_qs

from stand_in import as_json

PUBLISHED = """<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
<PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"""


class Aws:
    """Secrets to be read, by name, and the notices that were published."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.notices: list[dict[str, str]] = []

    def answer(self, _method: str, _path: str, headers: Any, body: bytes) -> tuple[int, str, str]:
        if headers.get("X-Amz-Target") == "secretsmanager.GetSecretValue":
            name = json.loads(body)["SecretId"]
            if name in self.secrets:
                return as_json(200, {"Name": name, "SecretString": self.secrets[name]})
            return as_json(400, {"__type": "ResourceNotFoundException", "Message": name})
        request = {key: value for key, [value] in parse_qs(body.decode()).items()}
        if request.get("Action") == "Publish":
            self.notices.append(request)
            return 200, "text/xml", PUBLISHED
        return as_json(400, {"__type": "InvalidAction"})
