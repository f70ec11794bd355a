"""What the schema file must say, and what happens when it does not."""

import json
from pathlib import Path

import pytest
from pinterest.cleaning import CLEANERS
from pinterest.schema import SCHEMA_FILE, SchemaError, read_kind


def test_the_repository_s_schema_has_a_cleaning_for_each_kind() -> None:
    assert list(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))["kinds"]) == list(CLEANERS)


def test_datetimes_are_read_as_text_and_the_rest_as_its_type() -> None:
    assert read_kind("geo").json_schema.simpleString() == (
        "struct<ind:int,timestamp:string,latitude:double,longitude:double,country:string>"
    )


def test_the_key_and_the_markers_are_those_of_the_column() -> None:
    kind = read_kind("pin")
    assert kind.key == "index"
    assert kind.missing("image_src") == ("Image src error.",)
    assert kind.missing("category") == ()


def test_an_unknown_kind_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SchemaError, match=r"no kind 'pins' in posts\.json; there are pin, geo, user"):
        read_kind("pins")


def test_an_unknown_type_is_refused_naming_the_column(tmp_path: Path) -> None:
    file = tmp_path / "posts.json"
    table = {"key": "ind", "columns": [{"name": "ind", "type": "integer"}]}
    file.write_text(json.dumps({"kinds": {"pin": table}}), encoding="utf-8")
    with pytest.raises(SchemaError, match=r"column 'ind' of 'pin' has the unknown type 'integer'"):
        read_kind("pin", file)
