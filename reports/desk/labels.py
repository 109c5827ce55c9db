"""Codes as people read them: names of tiers, classes, actions and rules out of the policy pack in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy.alerts import said
from policy.pack import Pack
from policy.parts.classes import CLASSES
from reports.wording import Wording


@dataclass(frozen=True)
class Labels:
    """Names in one language; a code that the pack (None: there is none) does not know is shown as it is."""

    words: Wording
    pack: Pack | None

    def tier(self, code: str) -> str:
        """What a tier is called."""
        return self._of_tier(code, "name")

    def tier_meaning(self, code: str) -> str:
        """What a tier means for those who work on it."""
        return self._of_tier(code, "meaning")

    def tiers(self) -> list[str]:
        """The codes of all tiers, best first, state D last."""
        return [tier.code for tier in (*self.pack.tiers, self.pack.state_d)] if self.pack else []

    def five_class(self, code: str) -> str:
        """What a regulatory class is called."""
        names = self.pack.classes.names if self.pack and code in CLASSES else ()
        return _capital(names[CLASSES.index(code)][self.words.lang]) if names else code

    def action(self, code: str) -> str:
        """What is suggested, beginning with a capital letter."""
        found = self.pack.treatments.actions.get(code) if self.pack else None
        return _capital(found.text[self.words.lang]) if found else code

    def asks_approval(self, code: str) -> bool:
        """Whether a second person has to agree to an action."""
        found = self.pack.treatments.actions.get(code) if self.pack else None
        return found.approval if found else False

    def actions(self) -> list[tuple[str, str]]:
        """Codes and names of all actions."""
        return [(code, self.action(code)) for code in self.pack.treatments.actions] if self.pack else []

    def rule(self, rule: str) -> str:
        """What an early-warning rule is called."""
        try:
            return _capital(self.pack.rules[rule].name[self.words.lang]) if self.pack else rule
        except KeyError:
            return rule

    def rules(self) -> list[tuple[str, str]]:
        """Ids and names of all rules."""
        return [(rule.id, self.rule(rule.id)) for rule in self.pack.rules.rules] if self.pack else []

    def grade(self, code: str) -> str:
        """A grade and how many there are."""
        number = code.removeprefix("G")
        return self.words("fact.grade_value", grade=number) if number.isdecimal() else code

    def evidence(self, evidence: Mapping[str, Any] | None) -> list[str]:
        """The facts an alert went by, a line each; a fact that this release no longer has keeps its name."""
        lines = []
        for name, value in (evidence or {}).items():
            try:
                lines.append(said(name, value, self.words.lang))
            except KeyError:
                lines.append(f"{name}: {value}")
        return lines

    def told(self, story: Mapping[str, Any] | None, rule: str) -> str:
        """What an alert says, out of its evidence; the name of its rule where that was erased."""
        text = (story or {}).get("text")
        found = str(text.get(self.words.lang) or "") if isinstance(text, Mapping) else ""
        return _capital(found) or self.rule(rule)

    def joined(self, names: Sequence[str]) -> str:
        """Several names as one text."""
        return ("、" if self.words.lang == "zh" else ", ").join(names)

    def _of_tier(self, code: str, what: str) -> str:
        for tier in (*self.pack.tiers, self.pack.state_d) if self.pack else ():
            if tier.code == code:
                return str(getattr(tier, what)[self.words.lang])
        return ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
