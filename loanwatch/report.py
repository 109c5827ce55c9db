"""`loanwatch report`: the page of a loan that an officer reads, of one loan or of many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from loanwatch.console import DemoKey, OwnFeatures, day, demo_key, progress, say

if TYPE_CHECKING:
    from reports.formats import Lang
    from reports.loan.view import LoanView

Language = Literal["en", "zh", "both"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    loans: Annotated[list[str], typer.Argument(help="Ids of loans, as in the book; @FILE reads them from a file.")],
    book: Annotated[Path, typer.Option(help="Folder of the book.")],
    as_of: Annotated[str, typer.Option(help="Day to report on, YYYY-MM-DD; the score uses nothing known later.")],
    models: Annotated[Path, typer.Option(help="Models folder with the champion.")] = Path("out/models"),
    out: Annotated[
        Path | None, typer.Option(help="HTML file to write, of many loans a folder; by default out/reports.")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of the page; both = one page with a switch.")] = "both",
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write a PDF for print, one file a language.")] = False,
    at: Annotated[
        str, typer.Option(help="Moment for which the contact guard is asked, YYYY-MM-DDTHH:MM; by default now.")
    ] = "",
    pack: Annotated[str, typer.Option(help="Policy pack: a name, or the path of a TOML file or folder.")] = "grades",
    own: OwnFeatures = None,
    demo: DemoKey = False,
) -> None:
    """Write a self-contained page on each loan: what changed, why, what to do, and the facts behind it."""
    from book.load import open_book
    from features.own import catalogue_with
    from loanwatch.loan_pages import LoanPages, file_name, find_loans
    from models.opening import load_bundle
    from policy.pack import load_pack
    from reports.formats import LANGS
    from serving.batch import champion_folder, context_beside
    from serving.scorer import Scorer
    from serving.wiring import named_pack

    if demo:
        demo_key()
    when, opened = day(as_of), open_book(book)
    ids, catalogue = _ids(loans), catalogue_with(own or ())
    bundle = load_bundle(champion_folder(models), catalogue)
    scorer = Scorer(bundle, load_pack(named_pack(pack)), opened.settings, 1, catalogue, context_beside(models))
    pages = LoanPages(scorer, opened.hash(), _moment(at, opened.settings.timezone))
    langs: Sequence[Lang] = LANGS if lang == "both" else (lang,)
    if len(ids) == 1:
        _, tables, found = next(find_loans(opened, ids))
        target = out or Path("out/reports") / file_name(ids[0])
        for path in _write(pages.view(tables, found[0], when), target, opened.settings.timezone, langs, pdf):
            say(f"The report on loan {ids[0]} is in {path}")
        return
    folder = out or Path("out/reports")
    with progress("Writing reports") as step:
        done = 0
        for _, tables, found in find_loans(opened, ids):
            for view in pages.views(tables, found, when):
                _write(view, folder / file_name(view.card.loan_id), opened.settings.timezone, langs, pdf)
                done += 1
                step(done, len(ids))
    say(f"{done} reports are in {folder}")


def _write(view: LoanView, target: Path, zone: str, langs: Sequence[Lang], pdf: bool) -> list[Path]:
    """The files of one report: the page, and a PDF a language where wanted."""
    from reports.loan.page import loan_report

    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(loan_report(view, zone, langs), "utf-8")
    written = [target]
    if pdf:
        from reports.paper.loan import loan_pdf

        for one in langs:
            sheet = target.with_suffix(f".{one}.pdf")
            sheet.write_bytes(loan_pdf(view, zone, one))
            written.append(sheet)
    return written


def _ids(named: Sequence[str]) -> list[str]:
    """Ids as given, and those of the lines of files given as @FILE; each once."""
    found: list[str] = []
    for one in named:
        if one.startswith("@"):
            path = Path(one[1:])
            if not path.is_file():
                raise typer.BadParameter(f"LOANS: got: {one!r}, no file of that name; allowed: ids, or @ and a file")
            found += [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
        else:
            found.append(one)
    return list(dict.fromkeys(found))


def _moment(text: str, zone: str) -> datetime:
    """The moment given, in the book's time zone where it names none; without one the present."""
    if not text:
        return datetime.now(ZoneInfo(zone))
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"--at: got: {text!r}; allowed: a moment such as 2025-01-02T10:00") from None
    return told if told.tzinfo else told.replace(tzinfo=ZoneInfo(zone))
