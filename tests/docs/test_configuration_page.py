"""docs/reference/configuration.md describes every parameter of the template with its default."""

from tests.docs.pages import code, rows
from tests.template_tables import template

PAGE = "reference/configuration.md"


def test_page_lists_every_parameter_once() -> None:
    assert sorted(code(row["parameter"]) for row in rows(PAGE, first="parameter")) == sorted(template()["Parameters"])


def test_defaults_on_the_page_are_those_of_the_template() -> None:
    shown = {code(row["parameter"]): row["default"].strip("`") for row in rows(PAGE, first="parameter")}

    assert shown == {
        name: str(declared["Default"]) or "empty" if "Default" in declared else "required"
        for name, declared in template()["Parameters"].items()
    }
