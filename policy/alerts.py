"""Alerts: what fired, with its evidence; who reads it in which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from policy.firing import Fired, in_cool_down, outcome
from policy.pack import Pack
from policy.parts.rules import Rule, Step
from policy.vocabulary import COHORT, FACTS, FIGURES

Plain = Mapping[str, Sequence[Any]]
_EPOCH = np.datetime64(0, "D")


class Alert(NamedTuple):
    """A rule that fired. `subject` is the loan, borrower, cohort or, for the book, the rule's level.

    `loan_id` is the loan whose facts are the evidence, "" above the borrower: `asked` names them, `answers` are their
    values (None = not known). `weight` orders alerts by gravity. `folded` are rules of the family that tell of the
    same case. `fired_on` is a day since 1970-01-01.
    """

    level: str
    subject: str
    loan_id: str
    borrower_id: str
    rule: str
    version: int
    severity: str
    weight: int
    family: str
    owner: str
    action: str
    fired_on: int
    asked: tuple[str, ...]
    answers: tuple[float | None, ...]
    folded: tuple[str, ...] = ()

    @property
    def evidence(self) -> dict[str, float | None]:
        """The facts that the rule went by."""
        return dict(zip(self.asked, self.answers, strict=True))

    def step(self, pack: Pack) -> Step:
        """The step of the rule that fired; KeyError where the pack has another version of the rule."""
        rule = pack.rules[self.rule]
        for step in rule.steps:
            if step.weight == self.weight and rule.version == self.version:
                return step
        raise KeyError(f"{self.rule} version {self.version} with weight {self.weight} is not in pack {pack.version}")

    def text(self, pack: Pack, lang: str) -> str:
        """What is the matter, in English ("en") or Chinese ("zh")."""
        step = self.step(pack)
        name = pack.rules[self.rule].name[lang]
        return f"{name}{': ' if lang == 'en' else '：'}{step.text[lang]}" if step.text else name

    def told(self, lang: str) -> tuple[str, ...]:
        """The evidence, a line a fact."""
        return tuple(said(name, value, lang) for name, value in self.evidence.items())

    def to_plain(self, pack: Pack) -> dict[str, Any]:
        """A JSON-able dict with the words in both languages."""
        action = pack.treatments.actions[self.action]
        return {
            "level": self.level,
            "subject": self.subject,
            "loan_id": self.loan_id,
            "borrower_id": self.borrower_id,
            "rule": self.rule,
            "version": self.version,
            "severity": self.severity,
            "weight": self.weight,
            "family": self.family,
            "owner": self.owner,
            "action": self.action,
            "action_text": dict(action.text),
            "fired_on": str(_EPOCH + self.fired_on),
            "evidence": self.evidence,
            "folded": list(self.folded),
            "text": {lang: self.text(pack, lang) for lang in ("en", "zh")},
        }


def said(name: str, value: float | None, lang: str) -> str:
    """A fact with its value, as people read it."""
    fact = FACTS.get(name) or FIGURES.get(name) or COHORT[name]
    shown = fact.unit.format(float("nan") if value is None else value, lang)
    return f"{fact.label[lang]}{': ' if lang == 'en' else '：'}{shown}"


def made(rule: Rule, step: Step, who: tuple[str, str, str], on: int, answers: tuple[float | None, ...]) -> Alert:
    """The alert of a step about `who`: subject, loan and borrower."""
    return Alert(
        rule.level, *who, rule.id, rule.version, step.severity, step.weight, rule.family,
        rule.owner, step.action, on, step.when.asks, answers,
    )  # fmt: skip


@dataclass(frozen=True)
class PortfolioAlerts:
    """Alerts above the borrower: `not_evaluated` are rules (of cohorts: "rule subject") whose figures were missing.

    `state` is what the next call takes as `previous`: [weight, day] by "rule" or "rule subject".
    """

    alerts: tuple[Alert, ...]
    not_evaluated: tuple[str, ...]
    state: Mapping[str, list[Any]]


@dataclass(frozen=True)
class CohortCount:
    """Alerts of a cohort in the last 30 days, and how many are usual in 30 days (None: not known)."""

    key: str
    alerts_30d: int
    base_30d: float | None = None


def portfolio_alerts(
    figures: Mapping[str, float], pack: Pack, on: int, previous: Plain | None = None
) -> PortfolioAlerts:
    """P01-P05 on the day `on`, over figures of monitoring by name (FIGURES); what is absent or NaN is not known.

    Raises KeyError for a figure that no rule could ask.
    """
    wrong = sorted(set(figures) - set(FIGURES))
    if wrong:
        raise KeyError(f"no figure is called {', '.join(wrong)}; there are {', '.join(FIGURES)}")
    values = {name: np.array([figures.get(name, np.nan)], np.float64) for name in FIGURES}
    return _fire(pack.rules.of("book", "model", "process"), [""], values, on, previous or {})


def cohort_alerts(counts: Sequence[CohortCount], pack: Pack, on: int, previous: Plain | None = None) -> PortfolioAlerts:
    """R26 on the day `on`, of cohorts such as "product=mortgage" or "employer=...": loans that share one thing."""
    base = np.array([np.nan if not c.base_30d else c.base_30d for c in counts], np.float64)
    number = np.array([c.alerts_30d for c in counts], np.float64)
    values = {"cohort_alerts_30d": number, "cohort_alerts_to_base": number / base}
    return _fire(pack.rules.of("cohort"), [c.key for c in counts], values, on, previous or {})


@dataclass
class _Told:
    alerts: list[Alert] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    state: dict[str, list[Any]] = field(default_factory=dict)


def _fire(
    rules: Sequence[Rule], subjects: Sequence[str], values: Mapping[str, Any], on: int, previous: Plain
) -> PortfolioAlerts:
    told = _Told(state={key: list(value) for key, value in previous.items()})
    for rule in rules:
        fired = outcome(rule, values, len(subjects))
        for i, subject in enumerate(subjects):
            key = f"{rule.id} {subject}".strip()
            if fired.unknown[i]:
                told.unknown.append(key)
            if fired.weight[i] and _due(rule, fired, i, told.state.get(key), on):
                step = next(step for step in rule.steps if step.weight == fired.weight[i])
                answers = tuple(_known(values[name][i]) for name in step.when.asks)
                told.alerts.append(made(rule, step, (subject or rule.level, "", ""), on, answers))
                told.state[key] = [int(fired.weight[i]), str(_EPOCH + on)]
    return PortfolioAlerts(tuple(told.alerts), tuple(told.unknown), told.state)


def _due(rule: Rule, fired: Fired, i: int, last: Sequence[Any] | None, on: int) -> bool:
    if last is None:
        return True
    weight, day = int(last[0]), int(np.datetime64(str(last[1]), "D").astype(int))
    return not in_cool_down(rule, day, on) or int(fired.weight[i]) > weight


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
