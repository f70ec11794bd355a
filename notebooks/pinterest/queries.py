"""The questions about the posts, each a function of cleaned frames.

All of them settle the same things the same way: a row takes part only where every column that the query groups by or
measures is present; whoever ties for the top is kept; a median is exact, the mean of the middle two where there are
two; an age below 18, or none, is in no group. The order of rows is `results`' affair.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from pinterest.schema import KEY

AGE_GROUPS: Mapping[str, tuple[int, int | None]] = {
    "18-24": (18, 24),
    "25-35": (25, 35),
    "36-50": (36, 50),
    "+50": (51, None),
}
"""Names of the age groups, in order, with their youngest and oldest age; the last has no oldest."""

POST_YEARS = (2018, 2022)
JOINING_YEARS = (2015, 2020)
IDENTITY = ("first_name", "last_name", "age", "date_joined")
"""What tells one user from another, all four together."""


@dataclass(frozen=True)
class Frames:
    """What the queries read. One row is one post, or of `users` one post's user."""

    located: DataFrame
    """country, category, poster_name, follower_count, post_year"""
    posted: DataFrame
    """category, follower_count, age_group, joining_year"""
    users: DataFrame
    """first_name, last_name, age, date_joined"""


def combine(pin: DataFrame, geo: DataFrame, user: DataFrame, names: DataFrame) -> Frames:
    """Joins the cleaned tables, and the users' names, by post."""
    posts = pin.select(KEY, "category", "poster_name", "follower_count")
    places = geo.select(KEY, "country", F.year("timestamp").alias("post_year"))
    posters = user.select(KEY, age_group(F.col("age")).alias("age_group"), F.year("date_joined").alias("joining_year"))
    return Frames(
        located=posts.join(places, KEY),
        posted=posts.join(posters, KEY),
        users=user.join(names, KEY).select(*IDENTITY),
    )


def age_group(age: Column) -> Column:
    """The name of the group that the age is in; null for those below 18 and for no age."""
    groups = [
        F.when((age >= youngest) & (age <= oldest if oldest is not None else F.lit(True)), F.lit(name))
        for name, (youngest, oldest) in AGE_GROUPS.items()
    ]
    return F.coalesce(*groups)


def top_category_by_country(frames: Frames) -> DataFrame:
    """1: the most popular category in each country."""
    return _most(_count_posts(frames.located, "country", "category"), "category_count", "country")


def categories_by_year(frames: Frames) -> DataFrame:
    """2: posts per category and year, 2018 to 2022."""
    return _count_posts(_within(frames.located, "post_year", POST_YEARS), "post_year", "category")


def top_category_by_year(frames: Frames) -> DataFrame:
    """2: the most popular category of each year, 2018 to 2022."""
    return _most(categories_by_year(frames), "category_count", "post_year")


def top_poster_by_country(frames: Frames) -> DataFrame:
    """3a: the user with most followers in each country."""
    posters = frames.located.select("country", "poster_name", "follower_count").dropna()
    # Of all posts only those with their country's largest count are looked at closer.
    largest = F.broadcast(posters.groupBy("country").agg(F.max("follower_count").alias("follower_count")))
    return posters.join(largest, ["country", "follower_count"], "left_semi").select(posters.columns).distinct()


def country_of_top_poster(frames: Frames) -> DataFrame:
    """3b: the country of the user with the most followers of all."""
    return _most(top_poster_by_country(frames), "follower_count").select("country", "follower_count").distinct()


def top_category_by_age_group(frames: Frames) -> DataFrame:
    """4: the most popular category of each age group."""
    return _most(_count_posts(frames.posted, "age_group", "category"), "category_count", "age_group")


def median_followers_by_age_group(frames: Frames) -> DataFrame:
    """5: the median follower count of each age group's posts."""
    return _median_followers(frames.posted, "age_group")


def users_by_joining_year(frames: Frames) -> DataFrame:
    """6: users who joined in each year, 2015 to 2020; one whose identity is not whole cannot be told from others."""
    users = frames.users.dropna().distinct().withColumn("post_year", F.year("date_joined"))
    joined = _within(users, "post_year", JOINING_YEARS).groupBy("post_year")
    return joined.agg(F.count("*").alias("number_users_joined"))


def median_followers_by_joining_year(frames: Frames) -> DataFrame:
    """7: the median follower count of the posts of those who joined in each year, 2015 to 2020."""
    return _median_followers(_within(_joined(frames), "post_year", JOINING_YEARS), "post_year")


def median_followers_by_age_group_and_joining_year(frames: Frames) -> DataFrame:
    """8: the median follower count of the posts of each age group and joining year, whichever the year."""
    return _median_followers(_joined(frames), "age_group", "post_year")


QUERIES: Mapping[str, Callable[[Frames], DataFrame]] = {
    "1": top_category_by_country,
    "2": categories_by_year,
    "2_top": top_category_by_year,
    "3a": top_poster_by_country,
    "3b": country_of_top_poster,
    "4": top_category_by_age_group,
    "5": median_followers_by_age_group,
    "6": users_by_joining_year,
    "7": median_followers_by_joining_year,
    "8": median_followers_by_age_group_and_joining_year,
}
"""All queries by the names that their results have."""


def _joined(frames: Frames) -> DataFrame:
    return frames.posted.withColumnRenamed("joining_year", "post_year")


def _within(rows: DataFrame, year: str, years: tuple[int, int]) -> DataFrame:
    return rows.where(F.col(year).between(*years))


def _count_posts(posts: DataFrame, *by: str) -> DataFrame:
    return posts.dropna(subset=list(by)).groupBy(*by).agg(F.count("*").alias("category_count"))


def _median_followers(posts: DataFrame, *by: str) -> DataFrame:
    # percentile, unlike percentile_approx, is exact, and at 0.5 halves the way between the middle two.
    median = F.percentile("follower_count", 0.5).alias("median_follower_count")
    return posts.dropna(subset=[*by, "follower_count"]).groupBy(*by).agg(median)


def _most(rows: DataFrame, measure: str, *by: str) -> DataFrame:
    """The rows with the largest measure in each group, all of those that tie."""
    largest = F.max(measure).over(Window.partitionBy(*by))
    return rows.withColumn("largest", largest).where(F.col(measure) == F.col("largest")).drop("largest")
