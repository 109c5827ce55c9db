"""When a loan is suggested for stage 2 or 3 of IFRS 9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy.conditions import Condition
from policy.parts.when import when
from policy.reading import Section
from policy.vocabulary import FACTS


@dataclass(frozen=True)
class StageTrigger:
    """A trigger: the stage a loan has at least where `when` holds."""

    id: str
    stage: int
    reference: str
    when: Condition
    text: Mapping[str, str]


def read_stages(top: Section) -> tuple[StageTrigger, ...]:
    """The triggers of a file of kind `stages`."""
    triggers: dict[str, StageTrigger] = {}
    for one in top.list("trigger"):
        stage = one.whole("stage")
        if stage not in (2, 3):
            one.fault("stage", f"is {stage}, must be 2 or 3")
        trigger = StageTrigger(
            one.text("id"), stage, one.text("reference"), when(one, "when", FACTS), one.words("text")
        )
        if trigger.id in triggers:
            one.fault("id", f"{trigger.id!r} is there already")
        triggers[trigger.id] = trigger
        one.no_more()
    return tuple(sorted(triggers.values(), key=lambda trigger: -trigger.stage))
