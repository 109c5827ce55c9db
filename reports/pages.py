"""The template engine and the frame of a page: one or two languages, nothing from outside."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.glossary import terms
from reports.wording import Wording


@cache
def environment() -> Environment:
    """Templates of this room; all that is not markup already is escaped, an unknown name is an error."""
    made = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["terms"] = terms
    return made


def page(title: str, bodies: Sequence[tuple[Wording, str]]) -> str:
    """A complete HTML page. Of two languages the first is shown; a switch without script shows the other."""
    parts = [(words, Markup(body)) for words, body in bodies]
    return environment().get_template("page.html.j2").render(title=title, bodies=parts, style=Markup(stylesheet()))


@cache
def stylesheet() -> str:
    """The one style sheet of all pages: self-contained pages carry it, a server hands it out as a file."""
    return resources.files("reports").joinpath("templates", "style.css").read_text("utf-8")
