"""The five classes of the rules on risk classification of 2023, clause by clause, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy.conditions import Condition
from policy.parts.when import when
from policy.reading import Section
from policy.vocabulary import FACTS

Text = Mapping[str, str]
CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")
NPL = CLASSES.index("substandard")


@dataclass(frozen=True)
class Clause:
    """A clause: the class a loan has at least where `when` holds. `across`: it asks about the debtor's other loans."""

    id: str
    five_class: int
    article: str
    when: Condition
    across: bool
    text: Text


@dataclass(frozen=True)
class ClassRules:
    """The clauses, gravest first; when a non-performing loan may become better; words and the months of a review.

    `upgrade` is asked of loans that are not retail, `retail` says which are upgraded by days overdue alone.
    """

    clauses: tuple[Clause, ...]
    upgrade: Condition
    upgrade_article: str
    upgrade_text: Text
    retail: Condition
    names: tuple[Text, ...]
    review_months: int


def read_classes(top: Section) -> ClassRules:
    """The classes of a file of kind `classes`."""
    names = tuple(one.words("name") for one in top.list("class"))
    given = [CLASSES[one.choice("id", CLASSES)] for one in top.list("class")]
    if given and given != list(CLASSES):
        top.list("class")[0].fault("id", f"the classes are {', '.join(given)}, must be {', '.join(CLASSES)}")
    clauses: dict[str, Clause] = {}
    for one in top.list("clause"):
        clause = _clause(one)
        if clause.id in clauses:
            one.fault("id", f"{clause.id!r} is there already")
        clauses[clause.id] = clause
    upgrade, review = top.section("upgrade"), top.section("review")
    rules = ClassRules(
        tuple(sorted(clauses.values(), key=lambda clause: -clause.five_class)),
        when(upgrade, "when", FACTS),
        upgrade.text("article"),
        upgrade.words("text"),
        when(upgrade, "by_days", FACTS),
        names,
        review.whole("months"),
    )
    for section in (upgrade, review):
        section.no_more()
    return rules


def _clause(section: Section) -> Clause:
    five_class = section.choice("class", CLASSES)
    clause = Clause(
        section.text("id"),
        five_class,
        section.text("article"),
        when(section, "when", FACTS),
        section.truth("across"),
        section.words("text"),
    )
    section.no_more()
    return clause
