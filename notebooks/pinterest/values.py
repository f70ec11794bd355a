"""What one value means: column expressions from text to what the text says.

Regular expressions keep to the classes that every engine of Spark knows (Java's and Photon's).
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

# All of Unicode's White_Space: the no-break spaces and the ideographic one are as blank as a space.
WHITE_SPACE = r"[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
WALL_CLOCK = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?$"
FOLLOWERS = r"^([0-9]+)(?:\.([0-9]+))?([kKmM]?)$"
LOCAL_SAVE = "^Local save in "
LARGEST_INT = 2**31 - 1


def present(text: Column, missing: tuple[str, ...] = ()) -> Column:
    """The text as it is; null where it is empty, blank, or exactly one of the missing markers."""
    absent = text.rlike(f"^{WHITE_SPACE}*$")
    return F.when(~(absent | text.isin(*missing) if missing else absent), text)


def wall_clock(text: Column) -> Column:
    """The timestamp of ISO text with `T` or a space, and up to six digits of a second's fraction.

    Null where the text is anything else: there is no such day, or it has a zone, or no time.
    """
    return F.when(text.rlike(WALL_CLOCK), F.try_to_timestamp(text))


def follower_count(text: Column) -> Column:
    """The whole number that `437`, `5k`, `2.3k`, `15M` or `1.5M` says, in either case, white space around it ignored.

    Digits are put together as text, never as floating point. Null where the text says no whole number (`1.5`,
    `2.3456k`, `-1`, `1,000`, `many`) or one beyond int's range.
    """
    bare = F.regexp_replace(text, f"^{WHITE_SPACE}+|{WHITE_SPACE}+$", "")
    whole = F.regexp_extract(bare, FOLLOWERS, 1)
    fraction = F.regexp_replace(F.regexp_extract(bare, FOLLOWERS, 2), "0+$", "")
    suffix = F.lower(F.regexp_extract(bare, FOLLOWERS, 3))
    places = F.when(suffix == "k", 3).when(suffix == "m", 6).otherwise(0)
    shifted = F.when(suffix == "k", F.rpad(fraction, 3, "0")).when(suffix == "m", F.rpad(fraction, 6, "0"))
    digits = F.regexp_replace(F.concat(whole, F.coalesce(shifted, F.lit(""))), "^0+", "")
    says_whole_number = bare.rlike(FOLLOWERS) & (F.length(fraction) <= places)
    # Ten digits fit a bigint, and more never fit an int.
    number = F.when(says_whole_number & (F.length(digits) <= 10), F.concat(F.lit("0"), digits).cast("bigint"))
    return F.when(number <= LARGEST_INT, number.cast("int"))


def local_path(text: Column) -> Column:
    """The path of `Local save in <path>`; text without those words is a path already."""
    return F.regexp_replace(text, LOCAL_SAVE, "")
