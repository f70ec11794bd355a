"""Posts as the pipeline's first emulator did: one record a request, each on a connection of its own.

Without its sleep, and with an end. Usage: ``post.py POSTS ROWS``: how many, drawn from the tables' first so many rows;
what to read and where to post stands in the environment. Prints posts a second.
"""

import json
import os
import random
import sys
import time
from datetime import datetime

import pymysql
import requests

HEADERS = {"Content-Type": "application/vnd.kafka.json.v2+json", "x-api-key": os.environ["API_KEY"]}
TABLES = {"pin": "pinterest_data", "geo": "geolocation_data", "user": "user_data"}


def read(number: int) -> dict[str, dict[str, object]]:
    """Reads the row of that number from each table, over a new connection."""
    connection = pymysql.connect(
        host=os.environ["DATABASE_HOST"],
        port=int(os.environ["DATABASE_PORT"]),
        user=os.environ["DATABASE_USER"],
        password=os.environ["DATABASE_PASSWORD"],
        database=os.environ["DATABASE"],
        charset="utf8mb4",
        cursorclass=pymysql.cursors.DictCursor,
    )
    rows: dict[str, dict[str, object]] = {}
    with connection, connection.cursor() as cursor:
        for kind, table in TABLES.items():
            cursor.execute(f"SELECT * FROM {table} LIMIT %s, 1", (number,))
            row = cursor.fetchone()
            assert row is not None
            rows[kind] = row
    return rows


def as_text(value: object) -> str:
    """Writes a datetime as ISO text, as JSON has no form for it."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"JSON has no form for {value!r}")


def main(posts: int, rows: int) -> float:
    """Posts rows drawn at random, with replacement; answers posts a second."""
    random.seed(100)
    begun = time.perf_counter()
    for _ in range(posts):
        for kind, row in read(random.randrange(rows)).items():
            reply = requests.request(
                "POST",
                f"{os.environ['API']}/topics/{os.environ['USER_ID']}.{kind}",
                headers=HEADERS,
                data=json.dumps({"records": [{"value": row}]}, default=as_text),
            )
            reply.raise_for_status()
    return posts / (time.perf_counter() - begun)


sys.stdout.write(str(main(int(sys.argv[1]), int(sys.argv[2]))))
