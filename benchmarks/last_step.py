"""The last step of the hand-written contenders: from sums by loan and month end to ratios, with coverage and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.plain_book import Day

Values = NDArray[np.float64]
READY = (
    *("late_amt_rate_12m", "days_late_mean_1n", "days_late_mean_3n", "days_late_mean_6n", "days_late_mean_12n"),
    *("days_late_max_6n", "days_late_std_6n", "days_late_std_12n", "days_late_ewm", "early_share_6n"),
    *("partial_share_6n", "paid_ratio_last1", "n_consec_declining", "clean_streak", "late_streak", "first_late_no"),
    *("fpd_flag", "spd_flag", "tpd_flag", "fpd_days"),
)
"""Columns that the group-bys give as they are, but for coverage."""


def part(top: Values, bottom: Values) -> Values:
    """Top / bottom where bottom is above zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(bottom > 0, top / bottom, np.nan)


def finished(v: Mapping[str, Any], day: Day) -> dict[str, NDArray[np.float32]]:
    """The columns by name, from sums `v` (each (n,), NaN = no row)."""
    t, edge, start = day.as_of, day.edges, v["disbursed_on"]
    seen = {w: 2 * (t - start) >= t - edge[w] for w in (1, 3, 6, 12)}
    zero = {name: np.nan_to_num(v[name]) for name in v}
    out: dict[str, Values] = {name: v[name] for name in READY}
    out["late_amt_rate_12m"] = np.where(seen[12], v["late_amt_rate_12m"], np.nan)
    for w in (3, 6, 12):
        out[f"late_rate_{w}m"] = np.where(seen[w], v[f"late_rate_{w}m"], np.nan)
        ratio = np.minimum(part(zero[f"paid_{w}m"], zero[f"dues_{w}m"]), 1.5)
        out[f"paid_ratio_{w}m"] = np.where(seen[w], ratio, np.nan)
        days = t - np.maximum(edge[w], start)
        out[f"dpd_mean_{w}m"] = np.where(seen[w], part(zero[f"dpd_sum_{w}m"], days), np.nan)
    for w in (1, 3, 6, 12):
        out[f"dpd_max_{w}m"] = np.where(seen[w], zero[f"dpd_max_{w}m"], np.nan)
    out["days_late_last3_minus_12"] = v["days_late_mean_3n"] - v["days_late_mean_12n"]
    out["paid_ratio_3v12"] = out["paid_ratio_3m"] - out["paid_ratio_12m"]
    out |= _arrears(v, zero, day, seen) | _payments(v, zero, seen) | _loan(v, day) | _accounts(v, zero, day)
    return {name: np.asarray(values, np.float32) for name, values in out.items()}


def _arrears(v: Mapping[str, Any], zero: Mapping[str, Any], day: Day, seen: Mapping[int, Any]) -> dict[str, Values]:
    ends = np.stack([np.where(v["disbursed_on"] <= day.edges[j], zero[f"at_{j}"], np.nan) for j in range(13)], axis=1)
    bucket = np.minimum(np.ceil(ends / 30), 7)
    worse, cured = bucket[:, :-1] > bucket[:, 1:], (bucket[:, 1:] > 0) & (bucket[:, :-1] == 0)
    instalment = np.where(np.isnan(v["last_due"]), v["first_to_come"], v["last_due"])
    unpaid = zero["due_before"] - zero["paid_ever"]
    step = np.arange(5, -1, -1) - 2.5
    months = np.asarray(_months(day.as_of) - _months(v["disbursed_on"]))
    out = {
        "dpd_now": ends[:, 0],
        "bucket_now": bucket[:, 0],
        "arrears_to_instalment": np.clip(part(np.maximum(unpaid, 0), instalment), 0, 10),
        "months_dpd30_6m": np.where(seen[6], (ends[:, :6] > 30).sum(axis=1), np.nan),
        "months_dpd30_12m": np.where(seen[12], (ends[:, :12] > 30).sum(axis=1), np.nan),
        "months_dpd60_12m": np.where(seen[12], (ends[:, :12] > 60).sum(axis=1), np.nan),
        "n_rollforward_6m": np.where(seen[6], worse[:, :6].sum(axis=1), np.nan),
        "n_cures_12m": np.where(seen[12], cured.sum(axis=1), np.nan),
        "dpd_slope_6m": np.where(seen[6], ends[:, :6] @ step / (step @ step), np.nan),
        "dpd_worst_ever": zero["dpd_worst_ever"],
        "ever_late": zero["dpd_worst_ever"] > 0,
        "ever_dpd30": zero["dpd_worst_ever"] > 30,
        "shortfall_cum_6m": np.clip(part(np.maximum(zero["dues_6m"] - zero["paid_6m"], 0), instalment), 0, 10),
    }
    out["shortfall_cum_6m"] = np.where(seen[6], out["shortfall_cum_6m"], np.nan)
    for name, last in (("months_since_late", "in_arrears"), ("months_since_dpd30", "in_arrears_30")):
        since = _months(day.as_of) - _months(np.where(np.isnan(v[last]), day.as_of, v[last]))
        out[name] = np.where(np.isnan(v[last]), months + 1, since)
    return out


def _months(days: Any) -> Any:
    return np.asarray(days).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _payments(v: Mapping[str, Any], zero: Mapping[str, Any], seen: Mapping[int, Any]) -> dict[str, Values]:
    out = {
        "third_party_share_6m": np.where(seen[6], v["third_party_share_6m"], np.nan),
        "manual_share_chg": np.where(seen[6], v["manual_share_chg"], np.nan),
        "n_insufficient_3m": np.where(seen[3], zero["n_insufficient_3m"], np.nan),
        "n_technical_fail_3m": np.where(seen[3], zero["n_technical_fail_3m"], np.nan),
        "n_extensions_12m": np.where(seen[12], zero["n_extensions_12m"], np.nan),
        "autopay_cancelled_3m": np.where(seen[3], zero["autopay_cancelled_3m"], np.nan),
    }
    ahead = np.clip(part(zero["ahead_12m"], zero["dues_12m"]), 0, 10)
    out["prepay_ratio_12m"] = np.where(seen[12] & (zero["purposes"] > 0), ahead, np.nan)
    for w in (3, 6):
        out[f"debit_fail_rate_{w}m"] = np.where(seen[w], v[f"debit_fail_rate_{w}m"], np.nan)
    return out


def _loan(v: Mapping[str, Any], day: Day) -> dict[str, Values]:
    instalment = np.where(np.isnan(v["last_due"]), v["first_to_come"], v["last_due"])
    term = part(np.maximum(v["last_due_on"] - day.as_of, 0), v["last_due_on"] - v["disbursed_on"])
    return {
        "mob": np.asarray(_months(day.as_of) - _months(v["disbursed_on"]), float),
        "remaining_term_share": term,
        "log_instalment": np.log1p(instalment / 100),
        "step_up_ratio_next3": np.clip(part(v["next_three"], instalment), 0, 10),
    }


def _accounts(v: Mapping[str, Any], zero: Mapping[str, Any], day: Day) -> dict[str, Values]:
    t, edge = day.as_of, day.edges
    fresh = t - v["last_row"] <= 45
    first = np.where(fresh, v["first_row"], t + (1 << 20))
    seen = {w: 2 * (t - first) >= t - edge[w] for w in (1, 3, 6)}
    months = sum(2 * (edge[j] - first) >= edge[j] - edge[j + 1] for j in range(6))
    out = {"cashflow_age_days": t - v["last_row"]}
    for w in (1, 3, 6):
        inflow, outflow = zero[f"in_{w}m"], zero[f"out_{w}m"]
        ratio = np.where((inflow == 0) & (outflow > 0), -10.0, np.clip(part(inflow - outflow, inflow), -10, 10))
        out[f"net_flow_ratio_{w}m"] = np.where(seen[w], ratio, np.nan)
    for name, column in (
        ("cash", "cash_share_3m"),
        ("essential", "essential_share_3m"),
        ("risky", "high_risk_spend_share_3m"),
    ):
        out[column] = np.where(seen[3], part(zero[f"{name}_3m"], zero["out_3m"]), np.nan)
    now, before = zero["in_3m"] / 3, np.where(months == 5, zero["in_4"] / 2, zero["in_before"] / 3)
    change = np.where((before == 0) & (now > 0), 10.0, np.clip(part(now, before) - 1, -1, 10))
    out["inflow_chg_3v3"] = np.where(months >= 5, change, np.nan)
    return out
