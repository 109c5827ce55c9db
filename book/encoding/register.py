"""Which loans and borrowers a book has, and the position of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from book.encoding.columns import Read, Words, positions
from book.pseudonym import Pseudonyms


@dataclass(frozen=True)
class Register:
    """Where each loan and borrower of the book stands; `quarantined` loans come right after the good ones.

    `loans` and `borrowers` map the source's own ids to positions; `pseudonyms` (n_borrowers) are the
    borrowers' names in the tables; `rows` are the source rows of the good loans.
    """

    loans: Mapping[str, int]
    borrowers: Mapping[str, int]
    quarantined: Mapping[str, int]
    pseudonyms: list[str]
    rows: NDArray[np.int64]

    def loan_codes(self, column: Words) -> NDArray[np.int32]:
        """Position of each loan; from n_loans on: a loan not here; -1 missing."""
        known = {**self.loans, **self.quarantined} if self.quarantined else self.loans
        return positions(column, known)

    def borrower_codes(self, column: Words) -> NDArray[np.int32]:
        """Position of each borrower; from n_borrowers on: a borrower without a loan here; -1 missing."""
        return positions(column, self.borrowers)


def register_loans(read: Read, bad: NDArray[np.int64], pseudonyms: Pseudonyms) -> Register:
    """Positions of all loans but those at source rows `bad`, by borrower pseudonym, then loan id."""
    loans, owners = read.words("loan_id"), read.words("borrower_id")
    names = pseudonyms.names(owners.words)
    good = ~np.isin(read.rows, bad) if len(bad) else np.ones(len(read.rows), np.bool_)
    pairs = zip(owners.codes[good].tolist(), loans.codes[good].tolist(), strict=True)
    ordered = sorted((names[owner], loans.words[loan], owner) for owner, loan in pairs)
    borrowers = {owners.words[owner]: None for _, _, owner in ordered}
    here = {loan: place for place, (_, loan, _) in enumerate(ordered)}
    lost = [word for word in loans.words if word not in here] if len(bad) else []
    return Register(
        loans=here,
        borrowers={word: place for place, word in enumerate(borrowers)},
        quarantined={word: len(here) + k for k, word in enumerate(lost)},
        pseudonyms=list(dict.fromkeys(name for name, _, _ in ordered)),
        rows=read.rows[good],
    )
