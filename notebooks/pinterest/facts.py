"""What the questions ask about, counted from the cleaned tables: all at once, or what new rows add."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pinterest.schema import KEY, columns

AGE_GROUPS: Mapping[str, tuple[int, int | None]] = {
    "18-24": (18, 24),
    "25-35": (25, 35),
    "36-50": (36, 50),
    "+50": (51, None),
}
"""Names of the age groups, in order, with their youngest and oldest age; the last has no oldest."""

IDENTITY = ("first_name", "last_name", "age", "date_joined")
"""What tells one user from another, all four together."""

FACTS_SCHEMA = (
    "fact string, country string, category string, post_year int, poster_name string, follower_count int, "
    "age_group string, joining_year int, number bigint"
)
PLACES = ("country", "category", "post_year")
POSTERS = ("country", "poster_name", "follower_count")
AGES = ("age_group", "category")
FOLLOWERS = ("age_group", "joining_year", "follower_count")
JOINED = ("joining_year",)

InMemory = Callable[[DataFrame], DataFrame]
"""Computes rows that are read more than once, and keeps them for as long as the facts are in use."""


@dataclass(frozen=True)
class Tables:
    """The cleaned tables, and the users' identities."""

    pin: DataFrame
    geo: DataFrame
    user: DataFrame
    identities: DataFrame


@dataclass(frozen=True)
class Facts:
    """What the queries read. A column is null where it is no part of the fact, or where the posts have no value."""

    rows: DataFrame
    """As `FACTS_SCHEMA` has them."""

    @property
    def places(self) -> DataFrame:
        """The number of posts by country, category and post_year."""
        return self._of("places", *PLACES, "number")

    @property
    def posters(self) -> DataFrame:
        """The country, poster_name and follower_count of whoever has most followers in a country."""
        return self._of("posters", *POSTERS)

    @property
    def ages(self) -> DataFrame:
        """The number of posts by age_group and category."""
        return self._of("ages", *AGES, "number")

    @property
    def followers(self) -> DataFrame:
        """The number of posts by age_group, joining_year and follower_count."""
        return self._of("followers", *FOLLOWERS, "number")

    @property
    def joined(self) -> DataFrame:
        """The number of users by joining_year; one whose identity is not whole cannot be told from others."""
        return self._of("joined", *JOINED, "number")

    def _of(self, fact: str, *names: str) -> DataFrame:
        return self.rows.where(F.col("fact") == fact).select(*names)


def count(tables: Tables, in_memory: InMemory) -> Facts:
    """The facts of all posts. A post takes part with the rows that its tables have of it."""
    users = tables.identities.select(*IDENTITY).dropna().distinct()
    return _count(in_memory(_located(tables.pin, tables.geo)), in_memory(_posted(tables.pin, tables.user)), users)


def add(facts: Facts, tables: Tables, new: Tables, in_memory: InMemory) -> Facts:
    """The facts with what new rows add.

    Args:
        facts: those of the tables without the new rows.
        tables: all rows, the new ones among them.
        new: the rows that came.
        in_memory: see `InMemory`.
    """
    pin, geo = _with_keys((tables.pin, tables.geo), (new.pin, new.geo), in_memory)
    located = in_memory(_located(pin, geo))
    pin, user = _with_keys((tables.pin, tables.user), (new.pin, new.user), in_memory)
    posted = in_memory(_posted(pin, user))
    came = _count(located, posted, _new_users(tables.identities, new.identities, in_memory))
    both = in_memory(facts.rows.unionByName(came.rows))
    dimensions = [name for name in both.columns if name != "number"]
    numbers = both.where("fact <> 'posters'").groupBy(*dimensions).agg(F.sum("number").alias("number"))
    return Facts(numbers.unionByName(_fact("posters", _top_posters(Facts(both).posters))))


def _located(pin: DataFrame, geo: DataFrame) -> DataFrame:
    posts = pin.select(KEY, "category", "poster_name", "follower_count")
    places = geo.select(KEY, "country", F.year("timestamp").alias("post_year"))
    return posts.join(places, KEY).drop(KEY)


def _posted(pin: DataFrame, user: DataFrame) -> DataFrame:
    posts = pin.select(KEY, "category", "follower_count")
    posters = user.select(KEY, _age_group(F.col("age")).alias("age_group"), F.year("date_joined").alias("joining_year"))
    return posts.join(posters, KEY).drop(KEY)


def _age_group(age: Column) -> Column:
    """The name of the group that the age is in; null for those below 18 and for no age."""
    groups = [
        F.when((age >= youngest) & (age <= oldest if oldest is not None else F.lit(True)), F.lit(name))
        for name, (youngest, oldest) in AGE_GROUPS.items()
    ]
    return F.coalesce(*groups)


def _count(located: DataFrame, posted: DataFrame, users: DataFrame) -> Facts:
    rows, *others = (
        _fact("places", _number(located, *PLACES)),
        _fact("posters", _top_posters(located)),
        _fact("ages", _number(posted, *AGES)),
        _fact("followers", _number(posted.dropna(subset="follower_count"), *FOLLOWERS)),
        _fact("joined", _number(users.withColumn("joining_year", F.year("date_joined")), *JOINED)),
    )
    for other in others:
        rows = rows.unionByName(other)
    return Facts(rows)


def _number(rows: DataFrame, *by: str) -> DataFrame:
    return rows.groupBy(*by).agg(F.count("*").alias("number"))


def _fact(name: str, rows: DataFrame) -> DataFrame:
    """Rows of one fact, with all columns of `FACTS_SCHEMA`."""
    fact = rows.withColumn("fact", F.lit(name))
    return fact.select(
        *(
            (F.col(field.name) if field.name in fact.columns else F.lit(None)).cast(field.dataType).alias(field.name)
            for field in columns(FACTS_SCHEMA)
        )
    )


def _top_posters(posts: DataFrame) -> DataFrame:
    """Whoever has most followers in a country, all of those that tie."""
    posters = posts.select(*POSTERS).dropna()
    # Of all posts only those with their country's largest count are looked at closer.
    largest = F.broadcast(posters.groupBy("country").agg(F.max("follower_count").alias("follower_count")))
    return posters.join(largest, ["country", "follower_count"], "left_semi").select(*POSTERS).distinct()


def _with_keys(
    tables: tuple[DataFrame, DataFrame], new: tuple[DataFrame, DataFrame], in_memory: InMemory
) -> tuple[DataFrame, DataFrame]:
    """The rows of both tables for the posts of which either got a new one: no other pair of rows is new."""
    one, other = (rows.select(KEY) for rows in new)
    keys = in_memory(one.union(other).distinct())
    lowest, highest = keys.agg(F.min(KEY), F.max(KEY)).collect()[0]
    # By the range Delta passes over files, as in `tables`.
    one, other = (rows.where(F.col(KEY).between(lowest, highest)).join(keys, KEY, "left_semi") for rows in tables)
    return one, other


def _new_users(identities: DataFrame, new: DataFrame, in_memory: InMemory) -> DataFrame:
    """Users among the new rows of whom no earlier row tells."""
    users = in_memory(new.select(*IDENTITY).dropna().distinct())
    earlier = identities.join(new.select(KEY), KEY, "left_anti")
    known = earlier.join(users, list(IDENTITY), "left_semi").select(*IDENTITY).distinct()
    return users.join(known, list(IDENTITY), "left_anti")
