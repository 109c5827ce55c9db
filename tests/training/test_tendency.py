"""The level of PDs, and figures without the events of a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from book.errors import Refusal
from book.settings import Settings
from monitoring.target import Target
from training.config import Config
from training.data import Panel
from training.making import make
from training.split import CALIBRATE, OOT, Split
from training.tendency import read_rule, tendency
from training.windows import window_of

CONFIG = Config(rounds=20, threads=1)


def test_the_latest_level_is_that_of_the_calibration_slice(panel: Panel) -> None:
    assert tendency("latest", panel.rows).rate is None


def test_the_long_run_is_the_mean_of_the_months_rates(panel: Panel) -> None:
    rows = panel.rows
    used = rows.role != OOT
    rates = [rows.y[used & (rows.as_of == day)].mean() for day in np.unique(rows.as_of[used])]
    assert tendency("long_run", rows).rate == pytest.approx(np.mean(rates))


def test_a_stated_rate_is_met_on_the_calibration_slice(panel: Panel, split: Split) -> None:
    result = make(panel, split, Target(), replace(CONFIG, central_tendency=read_rule("0.21")), Settings())
    assert result.pd[result.rows.role == CALIBRATE].mean() == pytest.approx(0.21)
    assert result.report["calibration"]["central_tendency"] == "stated"
    assert set(result.report["calibration"]["by_bucket"]) == {"C", "M1"}


def test_a_rule_that_is_none_is_refused(panel: Panel) -> None:
    with pytest.raises(Refusal, match="central tendency is 'cycle'; allowed: latest, long_run, or a rate"):
        tendency(read_rule("cycle"), panel.rows)


def test_events_of_a_window_are_left_out_of_a_labelled_view(panel: Panel, split: Split) -> None:
    day = int(np.unique(panel.rows.event_on[panel.rows.role == OOT])[0])
    result = make(panel, split, Target(), replace(CONFIG, set_aside=(day, day)), Settings())
    view, rows = result.report["set_aside"], panel.rows
    gone = int(((rows.role == OOT) & (rows.y == 1) & (rows.event_on == day)).sum())
    assert view["events_left_out"] == gone > 0
    assert view["models"]["gbm"]["overall"]["events"] == result.report["metrics"]["overall"]["events"] - gone
    assert set(view["models"]) == {"gbm", "scorecard", "roll_table"}


def test_a_window_is_two_months() -> None:
    first, last = window_of("2020-03:2020-08")
    assert (np.datetime64(first, "D"), np.datetime64(last, "D")) == (
        np.datetime64("2020-03-01"), np.datetime64("2020-08-31"),
    )  # fmt: skip
    for wrong in ("2020-03", "2020-08:2020-03", "spring"):
        with pytest.raises(Refusal, match=r"allowed: two months such as 2020-03:2020-08"):
            window_of(wrong)
