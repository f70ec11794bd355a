"""What one text means."""

import random
from collections.abc import Callable, Sequence
from decimal import Decimal

from pinterest.values import follower_count, local_path, present, wall_clock
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

SCALES = {"": 0, "k": 3, "M": 6, "K": 3, "m": 6}


def meanings(spark: SparkSession, meaning: Callable[[Column], Column], texts: Sequence[str | None]) -> list[object]:
    """What the expression makes of each text."""
    frame = spark.createDataFrame(list(enumerate(texts)), "place int, text string").coalesce(1)
    return [row[0] for row in frame.select(meaning(F.col("text"))).collect()]


def test_follower_counts(spark: SparkSession) -> None:
    expected = {
        "437": 437, "0": 0, "5k": 5_000, "136k": 136_000, "15M": 15_000_000, "1.5M": 1_500_000, "2.3k": 2_300,
        "0.1k": 100, "1.001k": 1_001, "4.35k": 4_350, "1.100M": 1_100_000, "2.0": 2, "007k": 7_000, "3K": 3_000,
        "3m": 3_000_000, " 12k\n": 12_000, "\u00a08\u00a0": 8, "2147483647": 2_147_483_647,
        "2147.483647M": 2_147_483_647, "00000000000000000012": 12,
    }  # fmt: skip
    assert meanings(spark, follower_count, list(expected)) == list(expected.values())


def test_what_is_no_whole_number_of_followers_is_missing(spark: SparkSession) -> None:
    texts = [
        "", "k", "M", ".", "1.", ".5k", "1.5", "1.2345k", "1.2345678M", "-5", "+5", "1,000", "1 k", "1e3", "5kk", "5B",
        "many", "NaN", "0x1F", "\u0665", "2147483648", "2148M", "2147.483648M", "99999999999999999999k",
        "1.0000000000000000000000000000000000001k", "User Info Error", None,
    ]  # fmt: skip
    assert meanings(spark, follower_count, texts) == [None] * len(texts)


def test_follower_counts_agree_with_decimal_arithmetic(spark: SparkSession) -> None:
    chance = random.Random(5)
    texts = []
    for _ in range(2_000):
        suffix = chance.choice(list(SCALES))
        digits = chance.randint(0, 8)
        fraction = "." + str(chance.randint(0, 10**digits - 1)).zfill(digits) if digits else ""
        texts.append(f"{chance.randint(0, 10 ** chance.randint(0, 5))}{fraction}{suffix}")
    exact = [Decimal(text.rstrip("kKmM")).scaleb(SCALES[text.lstrip("0123456789.")]) for text in texts]
    expected = [int(number) if number == int(number) and number < 2**31 else None for number in exact]
    assert meanings(spark, follower_count, texts) == expected
    assert 200 < expected.count(None) < 1_800


def test_blank_text_is_missing_and_other_text_stays_as_it_is(spark: SparkSession) -> None:
    blank = ["", " ", "\t\r\n", "\u00a0", "\u2003\u3000", " \u2028 ", "\u0085"]
    kept = [" art ", "0", "null", "\u200b", "\u00e9\n", "\U0001f600"]
    assert meanings(spark, present, [*blank, *kept, None]) == [None] * len(blank) + [*kept, None]


def test_only_the_whole_marker_is_missing(spark: SparkSession) -> None:
    texts = ["Untitled", "untitled", "Untitled ", "Untitled (1)", "N/A", "N"]
    assert meanings(spark, lambda text: present(text, ("Untitled", "N/A")), texts) == [
        None, "untitled", "Untitled ", "Untitled (1)", None, "N",
    ]  # fmt: skip


def test_wall_clock_times_are_kept_to_the_microsecond(spark: SparkSession) -> None:
    def shown(text: Column) -> Column:
        return F.date_format(wall_clock(text), "yyyy-MM-dd HH:mm:ss.SSSSSS")

    assert meanings(
        spark,
        shown,
        [
            "2018-01-01T00:00:00", "2017-12-31 23:59:59.999999", "2020-02-29T12:00:00.5", "1000-01-01T00:00:00",
            "9999-12-31T23:59:59", "2021-03-14T02:30:00",
        ],
    ) == [
        "2018-01-01 00:00:00.000000", "2017-12-31 23:59:59.999999", "2020-02-29 12:00:00.500000",
        "1000-01-01 00:00:00.000000", "9999-12-31 23:59:59.000000", "2021-03-14 02:30:00.000000",
    ]  # fmt: skip


def test_what_is_no_wall_clock_time_has_none(spark: SparkSession) -> None:
    texts = [
        "2021-02-29T00:00:00", "2021-13-01T00:00:00", "2021-01-01T24:00:00", "2021-01-01T00:60:00",
        "2021-01-01T00:00:60", "0000-00-00 00:00:00", "2021-01-01", "2021-01-01T00:00", "2021-1-1 00:00:00",
        "2021-01-01T00:00:00Z", "2021-01-01T00:00:00+01:00", "2021-01-01T00:00:00.1234567", " 2021-01-01T00:00:00",
        "1609459200", "now", "", None,
    ]  # fmt: skip
    assert meanings(spark, wall_clock, texts) == [None] * len(texts)


def test_a_save_location_is_its_path(spark: SparkSession) -> None:
    expected = {
        "Local save in /data/vehicles": "/data/vehicles",
        "Local save in /data/my cars": "/data/my cars",
        "/data/vehicles": "/data/vehicles",
        "Not a Local save in /data/vehicles": "Not a Local save in /data/vehicles",
    }
    assert meanings(spark, local_path, list(expected)) == list(expected.values())
