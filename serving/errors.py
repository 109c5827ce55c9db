"""What can keep the service from answering; no HTTP here, `problems.py` maps these to status codes."""

from __future__ import annotations


class CannotAnswer(Exception):
    """Base of the refusals below; the message is for the client."""


class NoChampion(CannotAnswer):
    """No model is loaded."""


class UnknownLoan(CannotAnswer):
    """A loan to score is not among the request's loans."""


class OtherModel(CannotAnswer):
    """The client pins a model that is not the champion."""

    def __init__(self, wanted: str, champion: str) -> None:
        super().__init__(
            f"the request pins model {wanted!r}; the champion is {champion!r}. "
            "Leave `model` out to take the champion, or pin it as named by GET /v1/model."
        )


class TooLarge(CannotAnswer):
    """The body is longer than the service reads."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"the body is longer than {limit:,} bytes, the most this endpoint reads; "
            "send fewer borrowers or a shorter history."
        )


class WrongMedia(CannotAnswer):
    """The body is not declared as JSON."""

    def __init__(self, got: str) -> None:
        super().__init__(f"got content-type {got!r}, allowed is application/json")


class Unauthenticated(CannotAnswer):
    """The request carries no credentials that hold."""


class Forbidden(CannotAnswer):
    """The actor's roles do not allow the act."""


class TooMany(CannotAnswer):
    """The actor asks more often than it may."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"too many requests; the next is answered in {wait:.1f} s")
        self.wait = wait


class TooSlow(CannotAnswer):
    """The body did not arrive in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the body did not arrive within {seconds:.0f} s; send it at once, or in smaller batches")


class NotHeld(CannotAnswer):
    """Nothing is known under the id in the address."""


class NoJournal(CannotAnswer):
    """What was asked for needs the journal, and the service runs without one."""

    def __init__(self) -> None:
        super().__init__("the service runs without a journal; start it with --journal URL")


class NoStore(CannotAnswer):
    """What was asked for needs the store of the book, and the service has none."""

    def __init__(self) -> None:
        super().__init__("the service has no store of the book; `loanwatch nightly` writes one, --store names it")
