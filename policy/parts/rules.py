"""Early-warning rules as data: when each fires, how gravely, who owns it and what is suggested."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from policy.conditions import Condition
from policy.parts.when import when
from policy.reading import Section
from policy.vocabulary import COHORT, FACTS, FIGURES

Text = Mapping[str, str]
SEVERITIES = ("B", "Y", "O", "R")
LEVELS = ("loan", "borrower", "cohort", "book", "model", "process")
OWNERS = ("collection", "account_manager", "risk", "operations", "model_owner")
COOL_DOWN = 30
_ASKED: Mapping[str, Collection[str]] = MappingProxyType(
    {"loan": FACTS, "borrower": FACTS, "cohort": COHORT, "book": FIGURES, "model": FIGURES, "process": FIGURES}
)


@dataclass(frozen=True)
class Family:
    """Rules that tell of one fact: at most `cap` cases of it at a time."""

    id: str
    cap: int
    text: Text


@dataclass(frozen=True)
class Step:
    """One severity of a rule. `weight` orders steps of all rules: graver, then further down the rule."""

    severity: str
    weight: int
    when: Condition
    action: str
    text: Text


@dataclass(frozen=True)
class Rule:
    """An early-warning rule; `steps` gravest first. `applies` None: to every subject of its level."""

    id: str
    version: int
    level: str
    family: str
    owner: str
    cool_down: int
    applies: Condition | None
    name: Text
    steps: tuple[Step, ...]

    @property
    def asks(self) -> tuple[str, ...]:
        """The facts the rule asks, in order of mention."""
        of_applies = self.applies.asks if self.applies else ()
        return tuple(dict.fromkeys([*(name for step in self.steps for name in step.when.asks), *of_applies]))


@dataclass(frozen=True)
class Rules:
    """All rules and their families."""

    rules: tuple[Rule, ...]
    families: Mapping[str, Family]

    @cached_property
    def _by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    def __getitem__(self, rule: str) -> Rule:
        found = self._by_id.get(rule)
        if found is not None:
            return found
        raise KeyError(f"no rule is called {rule!r}; there are {', '.join(one.id for one in self.rules)}")

    def of(self, *levels: str) -> tuple[Rule, ...]:
        """The rules of these levels, in order."""
        return tuple(rule for rule in self.rules if rule.level in levels)


def read_rules(tops: Collection[Section], actions: Collection[str]) -> Rules:
    """The rules of all files of kind `rules`; `actions` are the codes that they may suggest."""
    families: dict[str, Family] = {}
    rules: dict[str, Rule] = {}
    for top in tops:
        for one in top.list("family") if "family" in top else ():
            family = Family(one.text("id"), one.whole("cap"), one.words("text"))
            if family.cap < 1:
                one.fault("cap", f"is {family.cap}, must be at least 1")
            _once(one, families, family.id)
            families[family.id] = family
            one.no_more()
    for top in tops:
        for one in top.list("rule"):
            rule = _rule(one, tuple(families), tuple(actions))
            _once(one, rules, rule.id)
            rules[rule.id] = rule
            one.no_more()
    return Rules(tuple(rules.values()), MappingProxyType(families))


def _once(section: Section, seen: Mapping[str, object], id: str) -> None:
    if id in seen:
        section.fault("id", f"{id!r} is there already")


def _rule(section: Section, families: tuple[str, ...], actions: tuple[str, ...]) -> Rule:
    level = LEVELS[section.choice("level", LEVELS)]
    facts = _ASKED[level]
    family = section.choice("family", families) if families else 0
    owner = section.choice("owner", OWNERS)
    action = section.text("action")
    section.one_of("action", action, actions)
    version = section.whole("version")
    if version < 1:
        section.fault("version", f"is {version}, must be at least 1")
    return Rule(
        id=section.text("id"),
        version=version,
        level=level,
        family=families[family] if families else "",
        owner=OWNERS[owner],
        cool_down=section.whole("cool_down") if "cool_down" in section else COOL_DOWN,
        applies=when(section, "applies_to", facts) if "applies_to" in section else None,
        name=section.words("name"),
        steps=_steps(section, facts, action, actions),
    )


def _steps(section: Section, facts: Collection[str], action: str, actions: tuple[str, ...]) -> tuple[Step, ...]:
    """The steps as declared must grow graver downwards; they are kept gravest first."""
    steps: list[Step] = []
    for one in section.list("step"):
        severity = one.choice("severity", SEVERITIES)
        own = one.text("action") if "action" in one else action
        if "action" in one:
            one.one_of("action", own, actions)
        if steps and SEVERITIES.index(steps[-1].severity) > severity:
            one.fault("severity", f"{SEVERITIES[severity]} is milder than the step above; steps grow graver downwards")
        weight = 10 * (severity + 1) + sum(step.severity == SEVERITIES[severity] for step in steps)
        text = one.words("text") if "text" in one else {}
        steps.append(Step(SEVERITIES[severity], weight, when(one, "when", facts), own, text))
        one.no_more()
    return tuple(reversed(steps))
