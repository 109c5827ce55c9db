"""The cases worked by hand hold, for the slow reading and for the engine."""

from __future__ import annotations

import pytest
from golden_cases import Golden, golden_cases
from reading.days import end_of_day
from reading.whole import reading

CASES = golden_cases()


def cutoff_of(case: Golden) -> int | None:
    return None if case.cutoff is None else end_of_day(case.cutoff, case.settings.timezone)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_reading_gives_what_was_worked_by_hand(case: Golden) -> None:
    read = reading(case.rows, case.settings, "L1", case.as_of, cutoff_of(case))
    found = {column: read[column] for column in case.expect}
    assert found == pytest.approx(dict(case.expect), abs=1e-6, nan_ok=True), case.why
