"""The questions about the posts, each a function of the facts.

All of them settle the same things the same way: a row takes part only where every column that the query groups by or
measures is present; whoever ties for the top is kept; a median is exact, the mean of the middle two where there are
two; an age below 18, or none, is in no group. The order of rows is `results`' affair.
"""

from collections.abc import Callable, Mapping

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from pinterest.facts import Facts

POST_YEARS = (2018, 2022)
JOINING_YEARS = (2015, 2020)


def top_category_by_country(facts: Facts) -> DataFrame:
    """1: the most popular category in each country."""
    return _most(_count_posts(facts.places, "country", "category"), "category_count", "country")


def categories_by_year(facts: Facts) -> DataFrame:
    """2: posts per category and year, 2018 to 2022."""
    return _count_posts(_within(facts.places, "post_year", POST_YEARS), "post_year", "category")


def top_category_by_year(facts: Facts) -> DataFrame:
    """2: the most popular category of each year, 2018 to 2022."""
    return _most(categories_by_year(facts), "category_count", "post_year")


def top_poster_by_country(facts: Facts) -> DataFrame:
    """3a: the user with most followers in each country."""
    return facts.posters


def country_of_top_poster(facts: Facts) -> DataFrame:
    """3b: the country of the user with the most followers of all."""
    return _most(top_poster_by_country(facts), "follower_count").select("country", "follower_count").distinct()


def top_category_by_age_group(facts: Facts) -> DataFrame:
    """4: the most popular category of each age group."""
    return _most(_count_posts(facts.ages, "age_group", "category"), "category_count", "age_group")


def median_followers_by_age_group(facts: Facts) -> DataFrame:
    """5: the median follower count of each age group's posts."""
    return _median_followers(facts.followers, "age_group")


def users_by_joining_year(facts: Facts) -> DataFrame:
    """6: users who joined in each year, 2015 to 2020."""
    joined = facts.joined.select(F.col("joining_year").alias("post_year"), F.col("number").alias("number_users_joined"))
    return _within(joined, "post_year", JOINING_YEARS)


def median_followers_by_joining_year(facts: Facts) -> DataFrame:
    """7: the median follower count of the posts of those who joined in each year, 2015 to 2020."""
    return _median_followers(_within(_joined(facts), "post_year", JOINING_YEARS), "post_year")


def median_followers_by_age_group_and_joining_year(facts: Facts) -> DataFrame:
    """8: the median follower count of the posts of each age group and joining year, whichever the year."""
    return _median_followers(_joined(facts), "age_group", "post_year")


QUERIES: Mapping[str, Callable[[Facts], DataFrame]] = {
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


def _joined(facts: Facts) -> DataFrame:
    return facts.followers.withColumnRenamed("joining_year", "post_year")


def _within(rows: DataFrame, year: str, years: tuple[int, int]) -> DataFrame:
    return rows.where(F.col(year).between(*years))


def _count_posts(posts: DataFrame, *by: str) -> DataFrame:
    return posts.dropna(subset=list(by)).groupBy(*by).agg(F.sum("number").alias("category_count"))


def _median_followers(posts: DataFrame, *by: str) -> DataFrame:
    # percentile, unlike percentile_approx, is exact, and at 0.5 halves the way between the middle two.
    median = F.percentile("follower_count", 0.5, F.col("number")).alias("median_follower_count")
    return posts.dropna(subset=[*by, "follower_count"]).groupBy(*by).agg(median)


def _most(rows: DataFrame, measure: str, *by: str) -> DataFrame:
    """The rows with the largest measure in each group, all of those that tie."""
    largest = F.max(measure).over(Window.partitionBy(*by))
    return rows.withColumn("largest", largest).where(F.col(measure) == F.col("largest")).drop("largest")
