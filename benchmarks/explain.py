"""Exact explanations: our tables against LightGBM's pred_contrib and the shap package, in one run.

    python -m benchmarks.explain --write docs/performance.md

400 trees of 31 leaves on 120 features with missing values. The ratios are the figures to defend.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from statistics import median

import lightgbm
import numpy as np
from numpy.typing import NDArray

from benchmarks.page import replace_section
from models.booster import Booster
from models.explain.explainer import BLOCK, Explainer
from models.explain.kernels import log_odds, many_rows, one_row
from models.explain.shapley import Floats
from models.explain.tables import Tables, build

TITLE = "Explanation"
TREES, LEAVES, FEATURES, GAPS = 400, 31, 120, 0.15
FEW, MANY, CHUNK = 200, 40_000, 20_000


def model(trees: int = TREES, features: int = FEATURES) -> tuple[str, NDArray[np.float32]]:
    """The text of a booster on random rows, and rows to explain."""
    random = np.random.default_rng(20260101)
    x = random.normal(size=(30_000, features)).astype(np.float32)
    signal = x @ random.normal(size=features) * 0.3 + x[:, 0] * x[:, 1] - 1.5
    y = (random.random(len(x)) < 1 / (1 + np.exp(-signal))).astype(float)
    x[random.random(x.shape) < GAPS] = np.nan
    told = {"objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.03, "min_data_in_leaf": 50, "verbosity": -1}
    return lightgbm.train(told, lightgbm.Dataset(x, y), trees).model_to_string(), x


def seconds(work: Callable[[], object], turns: int) -> float:
    """Median wall time of `work`, after one run that does not count."""
    work()
    times = []
    for _ in range(turns):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return median(times)


def cold(work: Callable[[int], object], turns: int = 500) -> float:
    """Median wall time of `work(i)`, another row each time."""
    times = []
    for turn in range(turns):
        begun = time.perf_counter()
        work(turn)
        times.append(time.perf_counter() - begun)
    return median(times)


def shap_seconds(text: str, x: Floats) -> tuple[float, float]:
    """The shap package's TreeExplainer, path-dependent, its own algorithm: seconds for one row, and a row of many."""
    import shap

    explainer = shap.TreeExplainer(lightgbm.Booster(model_str=text), feature_perturbation="tree_path_dependent")
    explainer.model.model_type = "internal"  # else it hands LightGBM models back to pred_contrib
    one = cold(lambda i: explainer.shap_values(x[[i]], check_additivity=False), 15)
    return one, seconds(lambda: explainer.shap_values(x[:FEW], check_additivity=False), 1) / FEW


def million(tables: Tables, x: NDArray[np.float32], rows: int, threads: int) -> float:
    """Seconds for `rows` rows, float32 in and contributions out, a chunk at a time."""

    def chunk(_: int) -> None:
        wide = np.ascontiguousarray(x[:CHUNK], np.float64)
        many_rows(wide, tables, BLOCK, np.zeros((len(wide), x.shape[1] + 1)))

    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(chunk, range(rows // CHUNK)))
    return time.perf_counter() - begun


def measure(rows: int, threads: int) -> str:
    """Run everything; the section of the page."""
    text, x32 = model()
    x = np.ascontiguousarray(x32[:MANY], np.float64)
    booster = Booster(text, 1)
    build_s = seconds(lambda: build(text), 2)
    tables = build(text)
    explainer = Explainer(text, booster, x32[:16])
    explainer.build()
    expected = booster.contributions(x[:FEW])
    difference = float(np.abs(explainer.contributions(x[:FEW])[0] - expected).max())
    out, wide, raw = np.zeros(FEATURES + 1), np.zeros((len(x), FEATURES + 1)), np.zeros(len(x))

    def ours(i: int) -> None:
        out[:] = 0.0
        one_row(x[i], tables, out)

    shap_one, shap_many = shap_seconds(text, x)
    slow_one, fast_one = cold(lambda i: booster.contributions(x[[i]]), 100), cold(ours)
    slow_many = seconds(lambda: booster.contributions(x[:FEW]), 1) / FEW
    fast_many = seconds(lambda: many_rows(x, tables, BLOCK, wide), 1) / len(x)
    slow_raw = seconds(lambda: booster.raw(x[:CHUNK]), 1) / CHUNK
    fast_raw = seconds(lambda: log_odds(x, tables, BLOCK, raw), 1) / len(x)
    whole = million(tables, x32, rows, threads)
    cells = [
        ("one row, ms", slow_one * 1e3, shap_one * 1e3, fast_one * 1e3, slow_one / fast_one),
        ("a row of many, one thread, us", slow_many * 1e6, shap_many * 1e6, fast_many * 1e6, slow_many / fast_many),
        ("a what-if of many, one thread, us", slow_raw * 1e6, None, fast_raw * 1e6, slow_raw / fast_raw),
    ]
    lines = [
        f"| {name} | {slow:,.2f} | {'-' if peer is None else f'{peer:,.2f}'} | {fast:,.2f} | {ratio:,.1f} |"
        for name, slow, peer, fast, ratio in cells
    ]
    table = "\n".join(lines)
    return f"""## {TITLE}

Measured on {date.today()} by `python -m benchmarks.explain`: {os.cpu_count()} cores, {platform.machine()},
Python {platform.python_version()}, LightGBM {lightgbm.__version__}; load average at the end {os.getloadavg()[0]:.1f}.
{TREES} trees of {LEAVES} leaves, {FEATURES} features, {GAPS:.0%} of the values missing. Exact path-dependent
TreeSHAP, from tables, against LightGBM's own and against the algorithm of the shap package; ratios within this run
are the figures to defend.

|  | pred_contrib | shap | ours | x pred_contrib |
| -- | -- | -- | -- | -- |
{table}

{rows:,} rows on {threads} threads, float32 in, contributions out: {whole:.1f} s ({rows / whole:,.0f} rows/s).
Largest difference from pred_contrib: {difference:.1e} in log-odds. Tables: {tables.bytes / 1e6:.0f} MB, built in
{build_s:.2f} s at load, in the background; nothing is kept on disk.

On very long paths pred_contrib loses digits, the tables do not. By how much of the score the sums of each miss it:
{_digits()}.
"""


def _digits() -> str:
    """How far each is from the raw score, on trees as deep as they have leaves."""
    said = []
    for leaves in (20, 40, 60):
        x = np.zeros((leaves, leaves - 1))
        x[np.arange(leaves - 1), np.arange(leaves - 1)] = leaves - np.arange(leaves - 1)
        told = {
            "objective": "regression", "num_leaves": leaves, "min_data_in_leaf": 1, "min_data_in_bin": 1,
            "verbosity": -1, "feature_pre_filter": False, "num_threads": 1,
        }  # fmt: skip
        text = lightgbm.train(told, lightgbm.Dataset(x, 1.5 ** np.arange(leaves)), 1).model_to_string()
        slow, found, tables = Booster(text, 1), np.zeros((leaves, leaves)), build(text)
        many_rows(x, tables, leaves, found)
        found[:, -1] = tables.base
        raw = slow.raw(x)
        far = [float(np.abs(one.sum(axis=1) - raw).max() / np.abs(raw).max()) for one in (slow.contributions(x), found)]
        said.append(f"with {leaves - 1} features on it {far[0]:.0e} and {far[1]:.0e}")
    return "; ".join(said)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the section where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", type=Path, help="page of figures to write the section into")
    asked = parser.parse_args(arguments)
    section = measure(asked.rows, asked.threads)
    print(section)
    if asked.write:
        replace_section(asked.write, TITLE, section)


if __name__ == "__main__":
    main()
