"""Conditions as small programs: steps over two stacks, run by one compiled loop for one loan and for a million.

Facts that are not known (NaN) make a comparison unknown; `and`, `or` and `not` follow Kleene (1938).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

Answers = NDArray[np.int8]
Step = tuple[int, float]
FAILS, HOLDS, UNKNOWN = 0, 1, 2
FACT, FIGURE, ADD, SUBTRACT, MULTIPLY, DIVIDE, MAX, MIN, MINUS, ABS = range(10)
GT, GE, LT, LE, EQ, NE, KNOWN, AND, OR, NOT, PROVEN = range(10, 21)
_PUSHES: Final = (FACT, FIGURE)
_JOINS: Final = (ADD, SUBTRACT, MULTIPLY, DIVIDE, MAX, MIN, GT, GE, LT, LE, EQ, NE, AND, OR)


class Code(NamedTuple):
    """Programs of several conditions in one piece: step k does `does[k]` with fact `slot[k]` or `figure[k]`.

    Condition c has the steps from `starts[c]` to `starts[c + 1]`; `depth` is the most that waits at a time.
    """

    does: NDArray[np.int8]
    slot: NDArray[np.int32]
    figure: NDArray[np.float64]
    starts: NDArray[np.int64]
    depth: int


@dataclass(frozen=True)
class Program:
    """One condition: `asks` are its facts in order of mention, `steps` what to do: (FACT, place in asks) and so on."""

    asks: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def depth(self) -> int:
        """The most numbers and answers that wait at a time."""
        waits, most = 0, 1
        for does, _ in self.steps:
            waits += (does in _PUSHES) - (does in _JOINS)
            most = max(most, waits)
        return most


def compiled(programs: Sequence[Program], slots: Mapping[str, int]) -> Code:
    """The programs in one piece, their facts by place in `slots`."""
    does, slot, figure, starts = [], [], [], [0]
    for program in programs:
        for what, argument in program.steps:
            does.append(what)
            slot.append(slots[program.asks[int(argument)]] if what == FACT else 0)
            figure.append(argument if what == FIGURE else 0.0)
        starts.append(len(does))
    return Code(
        np.array(does, np.int8), np.array(slot, np.int32), np.array(figure, np.float64), np.array(starts, np.int64),
        max((program.depth for program in programs), default=1),
    )  # fmt: skip


@nb.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _both(what: int, x: float, y: float) -> float:
    """Two numbers as one; what is not finite is not known."""
    if what == ADD:
        found = x + y
    elif what == SUBTRACT:
        found = x - y
    elif what == MULTIPLY:
        found = x * y
    elif what == DIVIDE:
        found = x / y
    elif x != x or y != y:
        found = np.nan
    elif what == MAX:
        found = max(x, y)
    else:
        found = min(x, y)
    return found if np.isfinite(found) else np.nan


@nb.njit(cache=True, nogil=True, inline="always")
def _compared(what: int, x: float, y: float) -> int:
    if x != x or y != y:
        return UNKNOWN
    if what == GT:
        return int(x > y)
    if what == GE:
        return int(x >= y)
    if what == LT:
        return int(x < y)
    if what == LE:
        return int(x <= y)
    return int((x == y) == (what == EQ))


@nb.njit(cache=True, nogil=True, inline="always")
def _joined(what: int, x: int, y: int) -> int:
    """And settles at the first that fails, or at the first that holds."""
    settles = FAILS if what == AND else HOLDS
    if x == settles or y == settles:
        return settles
    return UNKNOWN if x == UNKNOWN or y == UNKNOWN else 1 - settles


@nb.njit(
    "void(int8[::1], int32[::1], float64[::1], int64[::1], int64, int64[::1], float64[:, ::1], boolean[::1],"
    "int8[:, ::1])",
    cache=True, nogil=True, error_model="numpy",
)  # fmt: skip
def answer(
    does: Any, slot: Any, figure: Any, starts: Any, depth: int, asked: Any, facts: Any, active: Any, out: Any
) -> None:  # fmt: skip
    """Answers of the conditions `asked`, each into its row of `out` (n_conditions, n); `facts` (k, n).

    Loans that are not `active` (n,) are not asked: their answers stay as they are.
    """
    number, truth = np.empty(depth, np.float64), np.empty(depth, np.int8)
    for i in range(facts.shape[1]):
        if not active[i]:
            continue
        for c in asked:
            a, b = -1, -1
            for k in range(starts[c], starts[c + 1]):
                what = does[k]
                if what == FACT:
                    a += 1
                    number[a] = facts[slot[k], i]
                elif what == FIGURE:
                    a += 1
                    number[a] = figure[k]
                elif what <= MIN:
                    a -= 1
                    number[a] = _both(what, number[a], number[a + 1])
                elif what == MINUS:
                    number[a] = -number[a]
                elif what == ABS:
                    number[a] = abs(number[a])
                elif what <= NE:
                    a -= 2
                    b += 1
                    truth[b] = _compared(what, number[a + 1], number[a + 2])
                elif what == KNOWN:
                    a -= 1
                    b += 1
                    truth[b] = number[a + 1] == number[a + 1]
                elif what <= OR:
                    b -= 1
                    truth[b] = _joined(what, truth[b], truth[b + 1])
                elif what == NOT:
                    truth[b] = truth[b] if truth[b] == UNKNOWN else 1 - truth[b]
                else:
                    truth[b] = truth[b] == HOLDS
            out[c, i] = truth[0]
