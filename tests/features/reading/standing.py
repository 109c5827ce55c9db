"""In default, closed, or scored: the state of a loan on a day, found by walking through its days."""

from __future__ import annotations

from datetime import date

from reading.days import DAY, each_day, month_ends_passed, months_before
from reading.repayment import Repayment
from reading.rows import day_of

FORBEARANCE = ("restructure", "extension", "deferral", "maturity_change")
THIRD_PARTIES = ("guarantor", "insurer", "platform", "collateral", "refinance")
ENDED = ("hardship", "cure")
ENDS = ("closed", "prepaid", "sold", "compensation")


def status(repayment: Repayment) -> str:
    """The first status that holds (`data_fault` is a finding of the check)."""
    if in_default(repayment):
        return "in_default"
    if closed(repayment):
        return "closed"
    young = month_ends_passed(repayment.loan.disbursed_on, repayment.loan.as_of) < 3
    return "insufficient_history" if young or not repayment.judged else "scored"


def closed(repayment: Repayment) -> bool:
    """An event ended it, or every due in force is settled and none is to come (a revolving loan: an event only)."""
    loan = repayment.loan
    if any(row["event_type"] in ENDS for row in loan.events or []):
        return True
    if loan.revolving:
        return False
    dues = [due for due in loan.schedule(loan.as_of) if due.amount > 0]
    nothing_to_come = all(due.due_on < loan.as_of for due in dues)
    return bool(dues) and nothing_to_come and repayment.dpd(loan.as_of) == 0


def in_default(repayment: Repayment) -> bool:
    """Walk day by day: a trigger starts it, three months without arrears or trigger end it."""
    loan, events = repayment.loan, _event_triggers(repayment)
    threshold = loan.settings.default_dpd
    state, over = False, False
    troubled: date = loan.start
    restructured: date | None = None
    for day in each_day(min([loan.start, *events]), loan.as_of):
        dpd = repayment.dpd_by_day.get(day)
        over_before, over = over, over if dpd is None else threshold is not None and dpd > threshold
        kinds = events.get(day, set())
        if "write_off" in kinds:
            return True
        if kinds or (over and not over_before):
            state = True
        if kinds or dpd or (over and not over_before):
            troubled = day
        if "distressed" in kinds:
            restructured = day
        a_year_on = restructured is None or months_before(day, 12) >= restructured
        if state and months_before(day, 3) >= troubled and a_year_on:
            state = False
    return state


def _event_triggers(repayment: Repayment) -> dict[date, set[str]]:
    loan = repayment.loan
    triggers: dict[date, set[str]] = {}
    for row in loan.events or []:
        kinds = triggers.setdefault(day_of(row["event_on"]), set())
        if row["event_type"] in loan.settings.default_events:
            kinds.add(row["event_type"])
        if row["event_type"] == "restructure" and row.get("distressed"):
            kinds.add("distressed")
        if row["event_type"] in FORBEARANCE and _in_trouble(repayment, day_of(row["event_on"])):
            kinds.add("distressed" if row["event_type"] == "restructure" else "helped")
    for row in loan.payments:
        if row.get("status") in ("failed", "reversal"):
            continue
        trouble = row.get("payer") in THIRD_PARTIES and _in_trouble(repayment, day_of(row["paid_on"]))
        if trouble or row.get("purpose") == "compensation":
            triggers.setdefault(day_of(row["paid_on"]), set()).add("helped")
    return {day: kinds for day, kinds in triggers.items() if kinds}


def _in_trouble(repayment: Repayment, at: date) -> bool:
    """In arrears on the day or the evening before, or in hardship not cured since."""
    loan = repayment.loan
    told = {kind: [day_of(row["event_on"]) for row in loan.events or [] if row["event_type"] == kind] for kind in ENDED}
    hardship, cure = (max((one for one in told[kind] if one <= at), default=None) for kind in ENDED)
    if hardship and (cure is None or cure < hardship):
        return True
    trusted = loan.settings.default_dpd is not None
    return trusted and any(repayment.dpd_by_day.get(one, 0) > 0 for one in (at, at - DAY))
