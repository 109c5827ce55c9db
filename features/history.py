"""What was known of loans on dates, as measures that features read."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from book.clock import months_before
from book.dossiers import Dossiers, Rows
from book.settings import Settings
from features.context import Context
from features.kept import kept
from features.ledger import Ledger, ledger, scheduled
from features.measures import Flow, Latest, Monthly, Totals, Values
from features.observations import MONTHS as MONTHS
from features.observations import Bools, Observations
from features.principal import outstanding
from features.series import Series, running, whole
from features.siblings import siblings
from features.timeline import Instalment, timeline
from features.totals import dues_at, edges_before, from_start, last_before, totals_where
from features.windows import dpd_life, dpd_months, latest_rows

LATEST = 12
T = TypeVar("T")


class History(Observations):
    """Measures of n observations (loan, as_of). All of them see event time only: knowledge was settled by `known`.

    Monthly measures have 12 months, instalment measures the 12 latest judged instalments, newest last;
    NaN = not observed. `context` holds the dated figures of cohorts; without it what compares with them is NaN.
    """

    def __init__(self, dossiers: Dossiers, settings: Settings, context: Context | None = None) -> None:
        super().__init__(dossiers, settings)
        self.context = context
        self._dated: dict[tuple[str, str], Series] = {}
        self._measured: dict[Hashable, Any] = {}
        self._lives: dict[int, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = {}
        self._latest: dict[int, tuple[NDArray[Any], Latest]] = {}
        self._paid_in: dict[int, tuple[NDArray[Any], Flow]] = {}
        self._monthly: dict[int, tuple[NDArray[Any], Flow]] = {}

    # Arrears

    @kept
    def ledger(self) -> Ledger:
        """Settled instalments and spells of arrears."""
        return ledger(self.dossiers, self.settings)

    @kept
    def _arrears(self) -> tuple[Values, Values, Values]:
        book = self.ledger
        return dpd_months(*book.spells, book.spells_at, book.unit, self.edges)

    @kept
    def dpd_peak(self) -> Monthly:
        """Worst daily DPD of each month, days."""
        if self.settings.precision == "month":
            return self._spans(self._arrears[2][:, 1:])
        return self._spans(self._arrears[0])

    @kept
    def dpd_days(self) -> Monthly:
        """Sum of daily DPD of each month, days."""
        return self._spans(self._arrears[1])

    @kept
    def dpd_end(self) -> Monthly:
        """DPD at as_of and 1 to 12 months before, days: 13 values; `seen` as for the months between them."""
        return Monthly(from_start(self._arrears[2], self.edges, self.start, True), self.seen)

    @property
    def dpd_now(self) -> Values:
        """DPD at as_of, days, (n,)."""
        return self._arrears[2][:, -1]

    @kept
    def _first_month(self) -> NDArray[np.int64]:
        """The first month that is observed, (n,), 12 where none is: the day of the start counts."""
        return edges_before(self.edges, self.start)

    def _flow(self, series: Series, rows: NDArray[Any]) -> Flow:
        """Sums of integer `rows` of a series by month."""
        return Flow(Totals(running(rows), series.position, self._first_month), self.seen)

    def _spans(self, values: NDArray[Any]) -> Monthly:
        """Daily readings by month: the day of the start does not count."""
        return Monthly(from_start(values, self.edges[:, 1:], self.start, False), self.seen)

    def dpd_life(self, over: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Worst DPD since the start, the last day with DPD > 0 and with DPD > `over` (-1: none), each (n,)."""
        if over not in self._lives:
            book = self.ledger
            self._lives[over] = dpd_life(*book.spells, book.spells_at, book.unit, self.as_of, over)
        return self._lives[over]

    # Instalments judged before as_of

    @kept
    def judged(self) -> Series:
        """Judged instalments by due date; the last edge is the day before as_of."""
        edges = self.edges.copy()
        edges[:, -1] -= 1
        return Series(self.ledger.judged.due_on, self.ledger.judged_at, self.ledger.unit, edges)

    @kept
    def late(self) -> Bools:
        """Whether each judged instalment of the ledger was settled after its due date."""
        return self.ledger.judged.settled > self.ledger.judged.due_on

    def latest(self, rows: NDArray[Any]) -> Latest:
        """Values of the judged instalments (n_rows,) at the 12 latest of each observation."""
        found = self._latest.get(id(rows))
        if found is None or found[0] is not rows:
            judged = self.judged
            found = rows, Latest(latest_rows(rows, judged.first, judged.position[:, -1], LATEST))
            self._latest[id(rows)] = found
        return found[1]

    @kept
    def settled_on(self) -> Values:
        """Day the 12 latest were settled by as_of, (n, 12); NaN where open or not there."""
        settled = self.latest(self.ledger.judged.settled).values
        return np.where(settled <= self.as_of[:, None], settled, np.nan)

    @kept
    def days_late(self) -> Latest:
        """Days late of the 12 latest, negative = early, running where open; NaN where the source dates by month."""
        if self.settings.precision == "month":
            return Latest(np.full((self.n, LATEST), np.nan))
        end = np.fmin(self.latest(self.ledger.judged.settled).values, self.as_of[:, None].astype(float))
        return Latest(end - self.latest(self.ledger.judged.due_on).values)

    def months(self, rows: NDArray[Any]) -> Flow:
        """Sums of integer `rows` of the judged instalments by month of their due date."""
        found = self._monthly.get(id(rows))
        if found is None or found[0] is not rows:
            found = self._monthly[id(rows)] = rows, self._flow(self.judged, rows)
        return found[1]

    @kept
    def instalment(self) -> Values:
        """Amount of the latest judged instalment, before it of the first due to come; minor units, (n,)."""
        last = self.latest(self.ledger.judged.due).values[:, -1]
        return np.where(np.isnan(last), self.plan.next_dues(1)[:, 0], last)

    # Money

    @kept
    def money(self) -> Series:
        """Scheduled money by day."""
        return Series(self.ledger.money.on, self.ledger.money_at, self.ledger.unit, self.edges)

    @kept
    def paid(self) -> Flow:
        """Scheduled money by month, minor units."""
        return self._flow(self.money, self.ledger.net)

    @kept
    def met(self) -> NDArray[np.int64]:
        """Money that has met dues by as_of, minor units, (n,)."""
        return last_before(self.ledger.met, self.money.first, self.money.position[:, -1])

    @kept
    def plan(self) -> Any:
        """The dues of the version in force at as_of."""
        from features.plan import InForce

        return InForce(self.ledger, self.as_of)

    @kept
    def unpaid_due(self) -> Values:
        """Dues in force before as_of less the money that met dues, at least 0; minor units, (n,)."""
        return np.maximum(self.plan.due_before - self.met, 0).astype(float)

    @kept
    def principal_outstanding(self) -> Values:
        """Principal not repaid by as_of, minor units, (n,)."""
        return outstanding(self)

    # Rows of a table

    def rows(self, table: str) -> Rows | None:
        """The rows of an optional table, None where the source does not have it."""
        return self.dossiers.tables.get(table)

    def once(self, measure: Callable[..., T], *details: Hashable) -> T:
        """What `measure(h, *details)` gives, worked out once however many features ask; results are shared."""
        key = (measure, details) if details else measure
        found = self._measured.get(key, self)
        if found is self:
            found = self._measured[key] = measure(self, *details)
        return found

    def dated(self, table: str, day: str) -> Series:
        """The rows of `table` by month of its event date `day`; KeyError where the table is absent."""
        if (table, day) not in self._dated:
            self._dated[table, day] = self._cut(table, day)
        return self._dated[table, day]

    def _cut(self, table: str, day: str) -> Series:
        rows = self.dossiers.tables[table]
        owner = self.dossiers.loan.astype(np.int64)
        if rows.n_owners != len(self.dossiers.loan_ids):
            owner = self.of_loan("borrower_id").astype(np.int64)
        return Series(rows[day], rows.at, rows.segment(owner, self.dossiers.moment), self.edges)

    @kept
    def payments(self) -> Series:
        """Every payment row by day, failed ones too."""
        return self.dated("payments", "paid_on")

    def payment_months(self, rows: NDArray[Any]) -> Flow:
        """Sums of integer `rows` over payment rows by month; rows before the start count nothing."""
        found = self._paid_in.get(id(rows))
        if found is None or found[0] is not rows:
            total = totals_where(whole(rows), self.observed_rows)
            found = rows, Flow(Totals(total, self.payments.position, self._first_month), self.seen)
            self._paid_in[id(rows)] = found
        return found[1]

    @kept
    def observed_rows(self) -> Bools:
        """Which payment rows lie on or after the first observed day of their loan."""
        rows, loans = self.dossiers.tables["payments"], self.dossiers.loans
        if "observed_from" not in loans:
            return np.ones(len(rows["paid_on"]), bool)
        return np.asarray(rows["paid_on"] >= loans["observed_from"][rows["loan_id"]])

    def scheduled_rows(self) -> Bools:
        """Which payment rows are scheduled money."""
        return scheduled(self.dossiers.tables["payments"])

    # Others

    @kept
    def others(self) -> tuple[History, NDArray[np.int64]]:
        """The borrower's other loans known and disbursed at as_of, and the observation each belongs to."""
        dossiers, of = siblings(self.dossiers)
        return History(dossiers, self.settings), of

    def of_others(self, measure: Callable[[History], NDArray[Any]]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """`measure` of the other loans, and the observation each belongs to; nothing is measured where none is."""
        others, of = self.others
        return (measure(others) if len(of) else np.zeros(0)), of

    def over_others(self, values: NDArray[Any], of: NDArray[np.int64]) -> Values:
        """The largest of `values` over the other loans of each observation; 0 where there are none, (n,)."""
        largest = np.zeros(self.n)
        np.maximum.at(largest, of, values)
        return largest

    def months_ago(self, months: int) -> History:
        """The same loans so many months earlier, by what is known now; the settled instalments are shared."""
        day = months_before(self.dossiers.as_of, months)
        earlier = History(replace(self.dossiers, as_of=day), self.settings)
        earlier.ledger = self.ledger
        return earlier

    def timeline(self, i: int) -> list[Instalment]:
        """The judged instalments of observation `i`, oldest first, as an officer reads them."""
        return timeline(self.ledger, int(self.ledger.unit[i]), int(self.as_of[i]))

    def first_judged(self, k: int) -> tuple[Values, Values]:
        """Due day and settling day of the k-th judged instalment (from 0), NaN where not yet due; FAR = open; (n,)."""
        rows, judged = self.judged, self.ledger.judged
        return dues_at(judged.due_on, judged.settled, rows.first, rows.position[:, -1], self.observed_late, k)
