"""The brief's cleaning and queries once more, in plain Python: what Spark's answers are compared with."""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Any

AGE_GROUPS = ["18-24", "25-35", "36-50", "+50"]
MARKERS = {
    "title": {"No Title Data Available"},
    "description": {"No description available", "No description available Story format", "Untitled"},
    "poster_name": {"User Info Error"},
    "follower_count": {"User Info Error"},
}
SCALES = {"": Decimal(1), "k": Decimal(1_000), "M": Decimal(1_000_000)}

Row = Mapping[str, Any]
Post = dict[str, Any]


def _text(row: Mapping[str, Any], column: str) -> str | None:
    value = row.get(column)
    return None if value is None or not value.strip() or value in MARKERS.get(column, set()) else str(value)


def _followers(text: str | None) -> int | None:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([kM]?)", text or "")
    return int(Decimal(found[1]) * SCALES[found[2]]) if found else None


def _datetime(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _year(text: str | None) -> int | None:
    moment = _datetime(text)
    return moment.year if moment else None


def _age_group(age: int | None) -> str | None:
    if age is None or age < 18:
        return None
    return AGE_GROUPS[(age > 24) + (age > 35) + (age > 50)]


def _joined(left: Sequence[Mapping[str, Any]], key: str, right: Sequence[Mapping[str, Any]]) -> list[Post]:
    by_key = {row["ind"]: row for row in right}
    return [{**row, **by_key[row[key]]} for row in left if row[key] in by_key]


def _counted(posts: Iterable[Post], by: str, name: str) -> list[Post]:
    counts = Counter((post[by], post["category"]) for post in posts)
    return [
        {name: group, "category": category, "category_count": count}
        for (group, category), count in counts.items()
        if group is not None and category is not None
    ]


def _top(rows: Iterable[Post], measure: str, by: str | None) -> list[Post]:
    rows = list(rows)
    best: dict[Hashable, int] = defaultdict(int)
    for row in rows:
        group = row[by] if by else None
        best[group] = max(best[group], row[measure])
    return [row for row in rows if row[measure] == best[row[by] if by else None]]


def _medians(posts: Iterable[Post], *by: str) -> list[Post]:
    counts = defaultdict(list)
    for post in posts:
        if post["followers"] is not None and all(post[name] is not None for name in by):
            counts[tuple(post[name] for name in by)].append(post["followers"])
    return [
        {**dict(zip(by, group, strict=True)), "median_follower_count": median(numbers)}
        for group, numbers in counts.items()
    ]


def _ordered(rows: Iterable[Post]) -> list[Post]:
    def place(row: Post) -> list[Any]:
        return [AGE_GROUPS.index(value) if name == "age_group" else value for name, value in row.items()]

    return sorted(rows, key=place)


def _distinct(rows: Iterable[Post], *columns: str) -> list[Post]:
    return [
        dict(zip(columns, values, strict=True)) for values in {tuple(row[name] for name in columns) for row in rows}
    ]


def answers(pins: Sequence[Row], geos: Sequence[Row], users: Sequence[Row]) -> dict[str, list[Post]]:
    """The answers of all queries over the rows of the source tables, one of each key in each."""
    posts = [
        {
            "index": pin["index"],
            "category": _text(pin, "category"),
            "poster_name": _text(pin, "poster_name"),
            "followers": _followers(_text(pin, "follower_count")),
        }
        for pin in pins
    ]
    located = _joined(
        posts,
        "index",
        [{"ind": geo["ind"], "country": _text(geo, "country"), "year": _year(geo["timestamp"])} for geo in geos],
    )
    people = [
        {
            "ind": user["ind"],
            "identity": (
                _text(user, "first_name"),
                _text(user, "last_name"),
                user["age"],
                _datetime(user["date_joined"]),
            ),
            "age_group": _age_group(user["age"]),
            "post_year": _year(user["date_joined"]),
        }
        for user in users
    ]
    posted = _joined(posts, "index", people)
    joined_2015_to_2020 = [post for post in posted if post["post_year"] in range(2015, 2021)]
    by_year = _counted([post for post in located if post["year"] in range(2018, 2023)], "year", "post_year")
    posters = [
        {**post, "follower_count": post["followers"]}
        for post in located
        if None not in (post["country"], post["poster_name"], post["followers"])
    ]
    top_posters = _top(posters, "follower_count", "country")
    identities = {person["identity"] for person in people if None not in person["identity"]}
    joined = Counter(identity[3].year for identity in identities if identity[3])
    results = {
        "1": _top(_counted(located, "country", "country"), "category_count", "country"),
        "2": by_year,
        "2_top": _top(by_year, "category_count", "post_year"),
        "3a": _distinct(top_posters, "country", "poster_name", "follower_count"),
        "3b": _distinct(_top(posters, "follower_count", None), "country", "follower_count"),
        "4": _top(_counted(posted, "age_group", "age_group"), "category_count", "age_group"),
        "5": _medians(posted, "age_group"),
        "6": [
            {"post_year": year, "number_users_joined": count}
            for year, count in joined.items()
            if year in range(2015, 2021)
        ],
        "7": _medians(joined_2015_to_2020, "post_year"),
        "8": _medians(posted, "age_group", "post_year"),
    }
    return {name: _ordered(rows) for name, rows in results.items()}
