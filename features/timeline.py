"""One loan's judged instalments as people read them."""

from __future__ import annotations

from dataclasses import dataclass

from features.ledger import Ledger


@dataclass(frozen=True)
class Instalment:
    """A judged instalment at as_of. Days since 1970-01-01, money in minor units.

    `paid` is the money that has met it by as_of, oldest dues first. `status`: on_time, late (settled late), open.
    `days_late` is negative when settled early and runs while open.
    """

    no: int
    due_on: int
    due: int
    paid: int
    settled_on: int | None
    days_late: int
    status: str


def timeline(book: Ledger, unit: int, as_of: int) -> list[Instalment]:
    """The instalments of `unit` with a due date before `as_of`, oldest first."""
    money = 0
    for row in range(int(book.money_at[unit, 0]), int(book.money_at[unit, 1])):
        if book.money.on[row] <= as_of:
            money = int(book.met[row])
    result = []
    for j in range(int(book.judged_at[unit, 0]), int(book.judged_at[unit, 1])):
        due_on, due, settled = (int(x[j]) for x in (book.judged.due_on, book.judged.due, book.judged.settled))
        if due_on >= as_of:
            break
        done = settled <= as_of
        paid = due if done else min(max(money, 0), due)
        money -= paid
        late = (settled if done else as_of) - due_on
        status = ("late" if late > 0 else "on_time") if done else "open"
        result.append(
            Instalment(int(book.judged.number[j]), due_on, due, paid, settled if done else None, late, status)
        )
    return result
