"""`loanwatch report`: the page of one loan that an officer reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from loanwatch.console import DemoKey, OwnFeatures, day, demo_key, say

Language = Literal["en", "zh", "both"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    loan: Annotated[str, typer.Argument(help="Id of the loan, as in the book.")],
    book: Annotated[Path, typer.Option(help="Folder of the book.")],
    as_of: Annotated[str, typer.Option(help="Day to report on, YYYY-MM-DD; nothing known later is used.")],
    models: Annotated[Path, typer.Option(help="Models folder with the champion.")] = Path("out/models"),
    out: Annotated[Path | None, typer.Option(help="HTML file to write; by default in out/reports.")] = None,
    lang: Annotated[Language, typer.Option(help="Language of the page; both = one page with a switch.")] = "both",
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write a PDF for print, one file a language.")] = False,
    pack: Annotated[str, typer.Option(help="Policy pack: a name, or a path ending in .toml.")] = "grades",
    own: OwnFeatures = None,
    demo: DemoKey = False,
) -> None:
    """Write one self-contained page on a loan: probability, reasons, repayment, cashflow, data gaps."""
    from book.load import open_book
    from features.own import catalogue_with
    from loanwatch.loan_pages import LoanPages, file_name, find_loan
    from models.opening import load_bundle
    from policy.pack import load_pack
    from reports.formats import LANGS
    from reports.loan.page import loan_report
    from serving.batch import champion_folder, context_beside
    from serving.scorer import Scorer
    from serving.wiring import named_pack

    if demo:
        demo_key()
    when = day(as_of)
    opened = open_book(book)
    _, tables, at = find_loan(opened, loan)
    catalogue = catalogue_with(own or ())
    bundle = load_bundle(champion_folder(models), catalogue)
    scorer = Scorer(bundle, load_pack(named_pack(pack)), opened.settings, 1, catalogue, context_beside(models))
    view = LoanPages(scorer, opened.hash()).view(tables, at, when)
    langs, zone = LANGS if lang == "both" else (lang,), opened.settings.timezone
    target = out or Path("out/reports") / file_name(loan)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(loan_report(view, zone, langs), "utf-8")
    say(f"The report on loan {loan} is in {target}")
    if pdf:
        from reports.paper.loan import loan_pdf

        for one in langs:
            sheet = target.with_suffix(f".{one}.pdf")
            sheet.write_bytes(loan_pdf(view, zone, one))
            say(f"For print: {sheet}")
