"""`loanwatch webhooks`: send what waits in the outbox, look at it, try again what was given up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanwatch.console import say, table
from loanwatch.journal import DEFAULT_URL, JournalUrl

EndpointsFile = Annotated[Path, typer.Option("--endpoints", help="TOML file of endpoints.")]
DEFAULT_FILE = Path("webhooks.toml")


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Send alerts and changes of tier to other systems.", no_args_is_help=True)
    group.command("run")(run)
    group.command("list")(listed)
    group.command("retry")(retry)
    app.add_typer(group, name="webhooks")


def run(
    endpoints: EndpointsFile = DEFAULT_FILE,
    journal: JournalUrl = DEFAULT_URL,
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing more is due.")] = False,
    every: Annotated[float, typer.Option(help="Seconds between looks into the outbox.")] = 2.0,
) -> None:
    """Deliver what is due, again and again; a process that is killed loses nothing."""
    import time

    from serving.journal import Journal, JournalDown
    from serving.webhooks.delivering import Outbox
    from serving.webhooks.endpoints import read_endpoints

    receivers = read_endpoints(endpoints)
    with Journal.open(journal, "webhooks", create=False) as opened:
        outbox = Outbox.of(opened, receivers)
        while True:
            try:
                done = outbox.deliver_due()
            except JournalDown as down:
                say(f"{down}; trying again")
                done = {}
            if any(done.values()):
                say(", ".join(f"{count:,} {name}" for name, count in done.items()))
            elif once:
                return
            else:
                time.sleep(every)


def listed(
    journal: JournalUrl = DEFAULT_URL,
    status: Annotated[str, typer.Option(help="pending, delivered or dead.")] = "dead",
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 50,
) -> None:
    """List messages; by default those that were given up."""
    from serving.journal import Journal

    if status not in ("pending", "delivered", "dead"):
        raise typer.BadParameter(f"--status: got {status!r}, allowed: pending, delivered, dead")
    with Journal.open(journal, "webhooks", create=False) as opened:
        found = opened.deliveries(status, limit).rows
        stories = [(life, opened.delivery(life.entry.delivery_id)) for life in found]
    rows = [
        (
            life.entry.delivery_id,
            life.entry.endpoint,
            life.entry.topic,
            life.step,
            story.steps[-1].entry.error if story and story.steps else "",
        )
        for life, story in stories
    ]
    table(f"{len(rows)} messages {status}", ("message", "endpoint", "topic", "attempts", "last error"), rows)


def retry(
    message: Annotated[list[str] | None, typer.Argument(help="Ids of messages; none: all that were given up.")] = None,
    journal: JournalUrl = DEFAULT_URL,
) -> None:
    """Put messages that were given up into the outbox again; the receiver sees the same id."""
    from serving.journal import Journal
    from serving.webhooks.delivering import Outbox

    with Journal.open(journal, "webhooks", create=False) as opened:
        outbox = Outbox.of(opened, ())
        wanted = message or outbox.given_up()
        done = [one for one in wanted if outbox.retry(one)]
    say(f"{len(done):,} of {len(wanted):,} messages are in the outbox again.")
    if message and len(done) < len(wanted):
        raise typer.Exit(1)
