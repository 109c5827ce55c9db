"""`loanwatch keys`: API keys of the service."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from loanwatch.console import say, table

KeysFile = Annotated[Path, typer.Option("--keys", envvar="LOANWATCH_KEYS", help="File of the keys.")]
_DEFAULT = Path("out/keys.json")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="API keys: add, list, revoke; a secret for the desk's sessions.")
    group.command("add")(add)
    group.command("list")(show)
    group.command("revoke")(revoke)
    group.command("secret")(secret)
    app.add_typer(group, name="keys")


def add(
    name: Annotated[str, typer.Argument(help="Who holds the key; the journal records this name.")],
    role: Annotated[
        list[str], typer.Option(help="scientist, officer, monitor, approver or auditor; may be given again.")
    ],
    expires: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD.")] = None,
    keys: KeysFile = _DEFAULT,
) -> None:
    """Make a key and print it: it is shown this once, only its hash is kept.

    Example: loanwatch keys add nightly-monitor --role monitor --expires 2027-12-31
    """
    from serving.access.keys import add_key

    text = add_key(keys, name, role, _today(), _date(expires) if expires else None)
    say(text)
    say(f"Kept as a hash in {keys}. Send it as `X-API-Key: {text[:16]}...` or as a bearer token.")


def show(keys: KeysFile = _DEFAULT) -> None:
    """List the keys: whose, with which roles, until when; never the keys themselves."""
    from serving.access.keys import read_keys

    rows = [
        (key.name, key.id, ", ".join(key.roles), key.made_on, key.expires_on or "-", key.revoked_on or "-")
        for key in read_keys(keys).by_id.values()
    ]
    table(f"Keys in {keys}", ("name", "id", "roles", "made", "expires", "revoked"), rows)


def revoke(
    key: Annotated[str, typer.Argument(help="Id of the key, as `loanwatch keys list` shows it.")],
    keys: KeysFile = _DEFAULT,
) -> None:
    """Revoke a key; running services notice within a request."""
    from serving.access.keys import revoke_key

    say(f"The key {key} of {revoke_key(keys, key, _today()).name} no longer works.")


def secret() -> None:
    """Print a fresh secret for LOANWATCH_SESSION_SECRET, which signs the sessions of the desk."""
    say(secrets.token_urlsafe(48))


def _today() -> date:
    return datetime.now(UTC).date()


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"--expires: got {text!r}, allowed is a date as YYYY-MM-DD") from None
