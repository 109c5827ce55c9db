"""How loops that make no array of their own are compiled: without counting references to those they are given."""

from __future__ import annotations

from typing import Final

import numba as nb

compiled: Final = nb.njit(cache=True, nogil=True, _nrt=False)
"""For functions that only read and fill arrays which their callers hold, and that compiled code calls.

Counting references at every call to a function of many arrays took most of the time of short ones; numba does not
document the option, docs/decisions/0012-bodies-read-compiled.md.
"""
