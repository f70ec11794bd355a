"""What one value means: column expressions from text to what the text says.

Regular expressions keep to the classes that every engine of Spark knows (Java's and Photon's).
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

# All of Unicode's White_Space: the no-break spaces and the ideographic one are as blank as a space.
WHITE_SPACES = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
WALL_CLOCK = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?$"
# Ten digits hold every int, and no suffix makes a whole number of more than six significant ones after the point.
FOLLOWERS = rf"^[{WHITE_SPACES}]*0*([0-9]{{1,10}})(?:\.([0-9]{{1,6}})0*)?([kKmM]?)[{WHITE_SPACES}]*$"
LOCAL_SAVE = "Local save in "
LARGEST_INT = 2**31 - 1


def present(text: Column, missing: tuple[str, ...] = ()) -> Column:
    """The text as it is; null where it is empty, blank, or exactly one of the missing markers."""
    # Nearly every text begins with one of ASCII's visible characters, and needs no pattern.
    says_something = text.between("!", "\x7f") | text.rlike(f"[^{WHITE_SPACES}]")
    return F.when(says_something & ~text.isin(*missing) if missing else says_something, text)


def wall_clock(text: Column) -> Column:
    """The timestamp of ISO text with `T` or a space, and up to six digits of a second's fraction.

    Null where the text is anything else: there is no such day, or it has a zone, or no time.
    """
    return F.when(text.rlike(WALL_CLOCK), F.try_to_timestamp(text))


def follower_count(text: Column) -> Column:
    """The whole number that `437`, `5k`, `2.3k`, `15M` or `1.5M` says, in either case, white space around it ignored.

    It is counted in decimals, never in floating point. Null where the text says no whole number (`1.5`,
    `2.3456k`, `-1`, `1,000`, `many`) or one beyond int's range.
    """
    whole, fraction, suffix = (F.regexp_extract(text, FOLLOWERS, group) for group in (1, 2, 3))
    # With the zeros it is a number even where the text is none.
    number = F.concat(F.lit("0"), whole, F.lit("."), fraction, F.lit("0")).cast("decimal(17,7)")
    factor = F.when(suffix.isin("k", "K"), 1_000).when(suffix.isin("m", "M"), 1_000_000).otherwise(1)
    count = number * factor
    # Without a match the groups are empty, and with one the first is not.
    says_whole_number = (whole != "") & (count % 1 == 0)
    return F.when(says_whole_number & (count <= LARGEST_INT), count.cast("int"))


def local_path(text: Column) -> Column:
    """The path of `Local save in <path>`; text without those words is a path already."""
    path = F.substring(text, len(LOCAL_SAVE) + 1, LARGEST_INT)
    return F.when(text.startswith(LOCAL_SAVE), path).otherwise(text)
