"""Charts for print: the same drawings, with the colours of the style sheet written into them."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from markupsafe import Markup

_RULE = re.compile(r"([^{}@]+)\{([^{}]*)\}")
_VARIABLE = re.compile(r"(--[a-z0-9-]+):([^;}]+)")
_DRAWN = (
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linejoin",
    "text-anchor",
    "font-size",
    "font-weight",
)
_SVG = re.compile(r"<svg viewBox=\"([\d. -]+)\" class=\"([^\"]*)\"")


def printed(drawing: Markup) -> str:
    """A drawing as an SVG of its own, which needs no style sheet."""
    one = str(drawing)
    found = _SVG.search(one)
    if not found:
        return ""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{found[1]}" class="{found[2]}"'
    return head + one[found.end() :].replace(">", f"><style>{_style()}</style>", 1)


@cache
def _style() -> str:
    """The rules of the style sheet that draw charts, without variables, which SVG readers do not know."""
    sheet = resources.files("reports").joinpath("templates", "style.css").read_text("utf-8").split("@media")[0]
    colours = dict(_VARIABLE.findall(sheet.partition("}")[0]))
    rules = ["text{font-family:'Noto Sans SC';font-size:12px;fill:#17202a}.bar text{display:none}"]
    for names, body in _RULE.findall(sheet):
        drawn = [part for part in body.split(";") if part.partition(":")[0].strip() in _DRAWN]
        if drawn and "." in names and "var(--soft)" not in body.partition("font-size")[2][:0]:
            text = re.sub(r"var\((--[a-z0-9-]+)\)", lambda m: colours.get(m[1], "#000"), ";".join(drawn))
            rules.append(f"{names.strip()}{{{text}}}")
    return "".join(rules)


def colour(name: str) -> str:
    """The fill of a class of the style sheet, as a hexadecimal colour."""
    found = re.search(rf"\.{re.escape(name)}\{{fill:(#[0-9a-f]{{3,6}})", _style())
    return found[1] if found else "#ffffff"
