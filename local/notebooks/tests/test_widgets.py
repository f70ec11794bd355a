"""Parameters of a notebook."""

import pytest

from notebook_runner.dbutils import Notebook, NotebookExit, Widgets


def test_a_given_parameter_goes_before_the_default() -> None:
    widgets = Widgets({"kind": "pin"})
    widgets.text("kind", "geo")
    widgets.dropdown("mode", "all", ["all", "new"])
    assert (widgets.get("kind"), widgets.get("mode")) == ("pin", "all")
    assert widgets.getAll() == {"kind": "pin", "mode": "all"}


def test_a_parameter_that_was_given_needs_no_declaration() -> None:
    assert Widgets({"kind": "pin"}).get("kind") == "pin"


def test_what_was_neither_given_nor_declared_is_a_fault() -> None:
    widgets = Widgets({})
    widgets.text("gone", "")
    widgets.remove("gone")
    with pytest.raises(ValueError, match="No input widget named gone is defined"):
        widgets.get("gone")


def test_a_default_must_be_among_the_choices() -> None:
    with pytest.raises(ValueError, match="none of its choices"):
        Widgets({}).dropdown("mode", "other", ["all", "new"])


def test_an_exit_passes_by_handlers_of_exceptions() -> None:
    with pytest.raises(NotebookExit) as ending:
        Notebook().exit("done")
    assert str(ending.value) == "done"
    assert not isinstance(ending.value, Exception)
