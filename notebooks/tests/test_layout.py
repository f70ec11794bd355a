"""Paths under the mount point."""

import pytest
from pinterest.layout import Layout, LayoutError


def test_the_source_is_the_sink_s_folder_of_the_topic() -> None:
    assert Layout("/mnt/pinterest-7", "7", "raw").source("pin") == "/mnt/pinterest-7/raw/7.pin"


def test_no_two_tables_share_a_path() -> None:
    layout = Layout("/mnt/pinterest-7", "7")
    makers = (layout.cleaned, layout.quarantine, layout.counts, layout.checkpoint, layout.result)
    paths = [make(kind) for make in makers for kind in ("pin", "geo", "user")] + [layout.identities(), layout.facts()]
    assert len(set(paths)) == 17


def test_all_empty_parameters_are_named() -> None:
    with pytest.raises(LayoutError, match=r"no value for mount_point, user_id$"):
        Layout("/", " ")
