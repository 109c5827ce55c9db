"""The frame of a page of the desk: who reads it, where they may go, in which language."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from reports.desk.assets import address
from reports.desk.labels import Labels
from reports.formats import LANGS, Lang
from reports.pages import environment
from reports.wording import Wording


@dataclass(frozen=True)
class Place:
    """A place of the desk in the navigation: the key of its name, and its address."""

    key: str
    address: str


@dataclass(frozen=True)
class Frame:
    """What every page has. `actor` is "" before anybody signed in; `token` goes into every form of the session.

    `here` is the address of the page with its query, to which the switch of languages comes back.
    """

    words: Wording
    labels: Labels
    here: str
    actor: str = ""
    roles: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    at: str = ""
    token: str = ""
    demo: bool = False

    @property
    def lang(self) -> Lang:
        """The language of the page."""
        return self.words.lang

    @property
    def other(self) -> Lang:
        """The language to switch to."""
        return next(lang for lang in LANGS if lang != self.lang)

    @property
    def switch(self) -> str:
        """The address that switches the language and comes back here."""
        return f"/desk/language?to={self.other}&back={quote(self.here, safe='')}"

    @property
    def html_lang(self) -> str:
        """The language as HTML names it."""
        return "zh-CN" if self.lang == "zh" else "en"

    def static(self, name: str) -> str:
        """The address of a style or script."""
        return address(name)


def desk_page(template: str, frame: Frame, **names: object) -> str:
    """A page of the desk as HTML; `template` is a file of `templates/desk` without its ending."""
    found = environment().get_template(f"desk/{template}.html.j2")
    return found.render(d=frame, w=frame.words, l=frame.labels, path=segment, **names)


def segment(text: str) -> str:
    """A text as one step of an address, whatever it holds."""
    return quote(text, safe="") if text not in (".", "..") else text.replace(".", "%2E")
