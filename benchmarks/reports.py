"""What loan reports cost: looking at the loans, pages in both languages, and sheets of paper; a core, and their sizes.

    python -m benchmarks.reports BOOK MODELS [LOANS]

BOOK and MODELS as `loanwatch demo` leaves them (its ids need LOANWATCH_DEMO=1). Seconds are CPU seconds of this
process, so that other work on the machine does not count; one thread scores.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from book.load import load, open_book
from loanwatch.console import demo_key
from loanwatch.latest_month import last_month_end
from loanwatch.loan_pages import LoanPages
from models.opening import load_bundle
from policy.pack import load_pack
from reports.loan.page import loan_report
from reports.loan.view import LoanView
from reports.paper.loan import loan_pdf
from serving.batch import champion_folder, context_beside
from serving.scorer import Scorer

LOANS, SHEETS, WARM = 200, 30, 5


def cost(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measured(pages: LoanPages, views: Callable[[Sequence[int]], list[LoanView]], loans: Sequence[int]) -> None:
    """Print what it costs to look at the loans, to write their pages and to set their sheets."""
    found: list[LoanView] = []
    looking = cost(lambda: found.extend(views(loans)))
    zone = pages.scorer.settings.timezone
    html: list[str] = []
    writing = cost(lambda: html.extend(loan_report(view, zone) for view in found))
    sheets: dict[str, list[bytes]] = {"en": [], "zh": []}
    setting = 0.0
    for view in found[:SHEETS]:
        setting += cost(lambda view=view: sheets["en"].append(loan_pdf(view, zone, "en")))  # type: ignore[misc]
        setting += cost(lambda view=view: sheets["zh"].append(loan_pdf(view, zone, "zh")))  # type: ignore[misc]
    n, m = len(found), 2 * min(len(found), SHEETS)
    print(f"{n} running loans, 13 months each, on one core; CPU seconds")
    print(f"look (score, decide, evidence)  {1000 * looking / n:6.1f} ms a loan")
    print(f"page, both languages            {1000 * writing / n:6.1f} ms a loan")
    print(f"HTML reports in all             {n / (looking + writing):6.1f} a second")
    print(f"PDF alone, one language         {m / setting:6.1f} a second")
    print(f"PDF reports in all              {1 / (looking / n + setting / m):6.1f} a second")
    pages_kb = sorted(len(page.encode()) / 1000 for page in html)
    print(f"page in both languages          {median(pages_kb):6.0f} kB, at most {pages_kb[-1]:.0f}")
    for lang, made in sheets.items():
        kb = sorted(len(one) / 1000 for one in made)
        print(f"PDF {lang}                          {median(kb):6.0f} kB, at most {kb[-1]:.0f}")


def main() -> None:
    """Measure on running loans of the first part of a book."""
    book, models = open_book(Path(sys.argv[1])), Path(sys.argv[2])
    wanted = int(sys.argv[3]) if len(sys.argv) > 3 else LOANS
    demo_key()
    scorer = Scorer(load_bundle(champion_folder(models)), load_pack(), book.settings, 1, context=context_beside(models))
    as_of, pages = last_month_end(book), LoanPages(scorer, book.hash())
    tables = load(book.parts[0], book.settings).tables
    known = np.flatnonzero(tables["loans"]["disbursed_on"] <= as_of)
    drawn = np.random.default_rng(1).permutation(known)[: 4 * wanted].tolist()

    def views(loans: Sequence[int]) -> list[LoanView]:
        return list(pages.views(tables, loans, as_of))

    looked = views(drawn)
    running = [loan for loan, view in zip(drawn, looked, strict=True) if view.card.pd is not None][:wanted]
    for view in looked[:WARM]:
        loan_report(view, book.settings.timezone)
        loan_pdf(view, book.settings.timezone, "en")
    measured(pages, views, running)


if __name__ == "__main__":
    main()
