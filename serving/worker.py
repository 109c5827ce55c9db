"""What uvicorn runs in each worker process: `serving.worker:app` is a factory."""

from __future__ import annotations

from fastapi import FastAPI

from serving.lean import import_lightgbm


def app() -> FastAPI:
    """The application, set up from the variables of `Wiring`."""
    import_lightgbm()  # before the imports below, which bring it in
    from serving.app import create_app
    from serving.wiring import Wiring

    wiring = Wiring.read()
    backing = wiring.backing()
    return create_app(wiring.service(memory=backing.memory), backing=backing, desk=wiring.desk)
