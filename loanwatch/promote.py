"""`loanwatch compare`, `promote`, `rollback`, `pull`: which model serves, and on what grounds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loanwatch.console import DemoKey, OwnFeatures, demo_key, progress, say

if TYPE_CHECKING:
    from features.catalogue import Catalogue
    from training.promotions import Promotion

Models = Annotated[Path, typer.Option(help="Folder of bundles, evidence and the champion pointer.")]
Bundle = Annotated[
    str | None, typer.Argument(help="Bundle id or its beginning; by default the one registered last.", metavar="BUNDLE")
]
Approver = Annotated[
    str, typer.Option(help="Who answers for gates that are open; asks for their key, or reads LOANWATCH_APPROVER_KEY.")
]
Reason = Annotated[str, typer.Option(help="Why; recorded with the approver's name.")]
OUT = Path("out/models")


EXAMPLES = {
    "compare": """
Examples:

  loanwatch compare

  loanwatch compare 6106b292421b --book out/book
""",
    "promote": """
Examples:

  loanwatch promote

  loanwatch promote 6106b292421b --approver "Li Wei" --reason "gate grades: G10 alone, agreed on 3 March"

Where keys are known (loanwatch keys, LOANWATCH_OIDC) the approver gives theirs, or LOANWATCH_APPROVER_KEY has it.
""",
    "rollback": """
Example: loanwatch rollback --reason "complaints about reasons"
""",
    "pull": """
Example: MLFLOW_TRACKING_URI=https://mlflow.example.org loanwatch pull loanwatch-default_12m
""",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (compare, promote, rollback, pull):
        app.command(command.__name__, epilog=EXAMPLES[command.__name__])(command)


def compare(
    bundle: Bundle = None,
    models: Models = OUT,
    book: Annotated[
        Path | None, typer.Option(help="Book of the bundle: measure its loans again and score them by the champion.")
    ] = None,
    pack: Annotated[str, typer.Option(help="Policy pack with the tiers.")] = "grades",
    own: OwnFeatures = None,
    demo: DemoKey = False,
) -> None:
    """Show champion and challenger side by side, who changes tier, what came of them, and the gates."""
    from features.own import catalogue_with
    from loanwatch.comparison import show_comparison, show_gates
    from policy.pack import load_pack
    from training.compare import compare as side_by_side
    from training.evidence import read_judged, read_validation
    from training.rejudge import rejudge

    if demo:
        demo_key()
    chosen = _chosen(bundle, models)
    if book:
        from book.load import open_book

        with progress("Measuring the out-of-time loans") as step:
            rejudge(open_book(book), models, chosen, catalogue_with(own or ()), progress=step)
    validation, judged = read_validation(models, chosen), read_judged(models, chosen)
    if validation["champion"]:
        y, borrower, now, was = (judged[name].to_numpy() for name in ("y", "borrower", "pd", "champion_pd"))
        found = side_by_side(y, was, now, borrower, load_pack(pack))
        show_comparison(found, str(validation["champion"]), chosen)
    else:
        say("There was no champion when this model was judged.")
    show_gates(validation)


def promote(
    bundle: Bundle = None,
    models: Models = OUT,
    approver: Approver = "",
    reason: Reason = "",
    own: OwnFeatures = None,
) -> None:
    """Make a judged model the champion: all gates pass, or another person answers for it with a key and a reason."""
    from features.own import catalogue_with

    crown(models, _chosen(bundle, models), approver, reason, catalogue_with(own or ()))


def rollback(
    models: Models = OUT,
    reason: Annotated[str, typer.Option(help="Why; recorded.")] = "",
    own: OwnFeatures = None,
) -> None:
    """Make the champion before the present one serve again."""
    from features.own import catalogue_with
    from training.rollback import rollback as back

    at, by = moment_and_user()
    told(back(models, at, by, reason, catalogue_with(own or ())), models)


def pull(
    model: Annotated[str, typer.Argument(help="Registered model, such as loanwatch-default_12m.")],
    models: Models = OUT,
    alias: Annotated[str, typer.Option(help="Alias in the registry.")] = "champion",
    own: OwnFeatures = None,
) -> None:
    """Fetch the champion of a remote registry (MLFLOW_TRACKING_URI) and serve it here."""
    from features.own import catalogue_with
    from training.aliases import pull as fetch

    at, by = moment_and_user()
    done = fetch(model, models, at, by, alias, catalogue_with(own or ()))
    if done is None:
        say(f"{models} serves {model}@{alias} already.")
    else:
        told(done, models)


def moment_and_user() -> tuple[str, str]:
    """Now, as ISO in UTC, and the name of who runs this."""
    import getpass
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat(timespec="seconds"), getpass.getuser()


def crowned(wanted: bool, models: Path, bundle: str, approver: str, reason: str, catalogue: Catalogue) -> None:
    """Promote a bundle here and now where that is wanted, and tell what came of it or what to do."""
    if not wanted:
        say(f"Not serving yet: loanwatch promote {bundle[:12]} --models {models}")
        return
    crown(models, bundle, approver, reason, catalogue)


def crown(models: Path, bundle: str, approver: str, reason: str, catalogue: Catalogue) -> None:
    """Promote a bundle here and now, and tell what came of it."""
    from training.promote import promote as make_champion

    at, by = moment_and_user()
    who, proof = answering_for(approver, by) if approver.strip() else ("", "")
    told(make_champion(models, bundle, at, by, who, reason, catalogue, proof), models)


def answering_for(approver: str, by: str) -> tuple[str, str]:
    """The approver's name and how they showed who they are: by a key or token of their own, where any is known here.

    Raises Refusal where it does not hold, is not that person's, or is that of `by`, who asks for the promotion.
    """
    import os
    import sys
    from datetime import UTC, datetime

    from book.errors import Refusal
    from serving.access.approvers import approver_of
    from serving.access.door import door_of_keys

    door = door_of_keys()
    if door is None:
        say("Nobody holds a key here (loanwatch keys add NAME --role approver): the approver's name is kept as given.")
        return approver, "name"
    text = os.environ.get("LOANWATCH_APPROVER_KEY", "")
    if not text and sys.stdin.isatty():
        text = str(typer.prompt(f"Key of {approver}", hide_input=True))
    found = approver_of(door, text, by, datetime.now(UTC).date())
    if found.name.casefold() != approver.strip().casefold():
        raise Refusal(
            f"--approver: got {approver}, and the key is that of {found.name}; allowed: the holder of the key"
        )
    return found.name, found.proof


def told(done: Promotion, models: Path) -> None:
    """Print what changed."""
    from training.promotions import FILE

    before = f", in place of {done.before[:12]}" if done.before else ""
    say(f"Champion in {models}: {done.bundle[:12]}{before} ({done.action}, recorded in {models / FILE}).")
    if done.approver:
        say(f"Answered for by {done.approver}: {done.reason}")


def _chosen(bundle: str | None, models: Path) -> str:
    from training.evidence import last_judged
    from training.promote import find_bundle

    return find_bundle(models, bundle) if bundle else last_judged(models)
