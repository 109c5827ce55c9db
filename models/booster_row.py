"""Log-odds of one row by LightGBM's own call for single rows: the same numbers, without reading settings every time."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any, Final

import lightgbm
import numpy as np
from numpy.typing import NDArray

Row = Callable[[NDArray[Any]], NDArray[np.float64]]
_FLOAT64: Final = 1
_RAW_SCORE: Final = 1


def one_row(booster: lightgbm.Booster, threads: int) -> Row | None:
    """The log-odds (1,) of a row (1, k); None where this LightGBM has no such call."""
    try:
        library, handle, width = lightgbm.basic._LIB, booster._handle, int(booster.num_feature())
        config = ctypes.c_void_p()
        failed = library.LGBM_BoosterPredictForMatSingleRowFastInit(
            handle,
            ctypes.c_int(_RAW_SCORE),
            ctypes.c_int(0),
            ctypes.c_int(booster.best_iteration),
            ctypes.c_int(_FLOAT64),
            ctypes.c_int32(width),
            ctypes.c_char_p(f"num_threads={threads}".encode()),
            ctypes.byref(config),
        )
    except AttributeError:
        return None
    return None if failed else _Call(library, booster, config, width)


class _Call:
    """The call with its buffers; threads take turns. Holds the booster as long as the settings point to it."""

    def __init__(self, library: Any, booster: lightgbm.Booster, config: ctypes.c_void_p, width: int) -> None:
        self._library, self._booster, self._config = library, booster, config
        self._row, self._out, self._n = np.empty(width), np.empty(1), ctypes.c_int64()
        pointer = ctypes.POINTER(ctypes.c_double)
        self._given = (
            config, self._row.ctypes.data_as(ctypes.c_void_p), ctypes.byref(self._n), self._out.ctypes.data_as(pointer),
        )  # fmt: skip
        self._turn = threading.Lock()

    def __call__(self, x: NDArray[Any]) -> NDArray[np.float64]:
        with self._turn:
            self._row[:] = x[0]
            if self._library.LGBM_BoosterPredictForMatSingleRowFast(*self._given):
                raise RuntimeError(self._library.LGBM_GetLastError().decode("utf-8"))
            return self._out.copy()

    def __del__(self) -> None:
        self._library.LGBM_FastConfigFree(self._config)
