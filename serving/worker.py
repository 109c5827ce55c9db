"""What uvicorn runs in each worker process: `serving.worker:app` is a factory."""

from __future__ import annotations

import gc
import sys
from typing import Final

from fastapi import FastAPI

from serving.lean import few_arenas, give_back, import_lightgbm

TURN: Final = 0.0005
"""Seconds after which a thread that computes lets another one go on: the journal's thread needs many short turns."""


def app() -> FastAPI:
    """The application, set up from the variables of `Wiring`, its champion read."""
    few_arenas()
    import_lightgbm()  # before the imports below, which bring it in
    from serving.app import create_app
    from serving.wiring import Wiring

    wiring = Wiring.read()
    backing = wiring.backing()
    service = wiring.service(memory=backing.memory, keep=wiring.keeper(backing.journal))
    made = create_app(service, backing=backing, desk=wiring.desk)
    service.champion.refresh()
    _settle()
    return made


def _settle() -> None:
    """What was loaded stays: the garbage collector need not look at it again with every round."""
    sys.setswitchinterval(TURN)
    gc.collect()
    give_back()
    gc.freeze()
