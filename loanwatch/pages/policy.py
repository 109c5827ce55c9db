"""`docs/policy-rules.md`: everything the policy packs say, as tables."""

from __future__ import annotations

from policy.pack import Pack
from policy.parts.rules import Rules
from policy.parts.treatments import TIERS, Treatments
from policy.vocabulary import COHORT, DERIVED, EXTRAS, FIGURES

_INTRODUCTION = """\
# Policy packs

What the files in `policy/packs/` say; [policy](policy.md) tells how it is read. Conditions compare facts: the
[features](features.md) and the [facts below](#facts). A condition on a fact that is not known is unknown, not false;
`proven(...)` takes the unknown as no."""


def policy_page(pack: Pack) -> str:
    """The page: the files, rules, classes, stages, matrix, indices and facts of `pack`."""
    parts = [_INTRODUCTION, "", "| file | version | valid from | owner | source |", "|--|--|--|--|--|"]
    parts += [f"| {p.id} | {p.version} | {p.valid_from} | {p.owner} | {p.source} |" for p in pack.parts]
    parts += _rules(pack.rules, pack.treatments) + _classes(pack) + _stages(pack) + _treatments(pack.treatments)
    return "\n".join([*parts, *_guard(pack), *_facts()])


def _rules(rules: Rules, treatments: Treatments) -> list[str]:
    parts = [
        "", "## Early-warning rules", "",
        "Severity: B blue, Y yellow, O orange, R red. *Silent*: days in which it is told again only if worse.",
        "", "| rule | about | 规则 | level | family | owner | silent | severity: when: action |",
        "|--|--|--|--|--|--|--|--|",
    ]  # fmt: skip
    for rule in sorted(rules.rules, key=lambda rule: (rule.id[0] != "R", rule.id)):
        steps = "<br>".join(
            f"**{step.severity}** `{_cell(step.when.text)}`: {treatments.actions[step.action].text['en']}"
            for step in reversed(rule.steps)
        )
        about = rule.name["en"] + (f"<br>*only* `{rule.applies.text}`" if rule.applies else "")
        parts.append(
            f"| {rule.id} v{rule.version} | {about} | {rule.name['zh']} | {rule.level} | {rule.family} |"
            f" {rule.owner} | {rule.cool_down} d | {steps} |"
        )
    capped = ", ".join(f"{family.id} {family.cap}" for family in rules.families.values())
    return [*parts, "", f"Cases of one family at a time, at most: {capped}."]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _classes(pack: Pack) -> list[str]:
    rules = pack.classes
    parts = ["", "## Five classes", "", "| at least | clause | article | when | 文字 |", "|--|--|--|--|--|"]
    for clause in reversed(rules.clauses):
        name = rules.names[clause.five_class]["en"]
        parts.append(f"| {name} | {clause.id} | {clause.article} | `{clause.when.text}` | {clause.text['zh']} |")
    up = f"{rules.upgrade_article}: out of the non-performing classes where `{rules.upgrade.text}`"
    return [*parts, "", f"{up}; by days overdue alone where `{rules.retail.text}`."]


def _stages(pack: Pack) -> list[str]:
    parts = ["", "## IFRS 9 stages", "", "| stage | trigger | reference | when |", "|--|--|--|--|"]
    return parts + [f"| {t.stage} | {t.text['en']} | {t.reference} | `{t.when.text}` |" for t in reversed(pack.stages)]


def _treatments(rules: Treatments) -> list[str]:
    head = ["ability high, willingness high", "ability low, willingness high"]
    head += ["ability high, willingness low", "ability low, willingness low"]
    parts = ["", "## Treatment matrix", "", f"| tier | review | {' | '.join(head)} |", "|--|--|--|--|--|--|"]
    for tier, code in enumerate(TIERS):
        cells = " | ".join(rules.cells[4 * tier + k].text["en"] for k in (0, 2, 1, 3))
        parts.append(f"| {code} | {rules.reviews[tier].text['en']} | {cells} |")
    parts += ["", "| ability: part | 1 | 0.5 |", "|--|--|--|"]
    for part in rules.ability:
        sign = ">=" if part.worse == "lower" else "<="
        parts.append(f"| `{part.fact}` | {sign} {part.high:g} | {sign} {part.low:g} |")
    parts += ["", "| willingness: part | weight | counts |", "|--|--|--|"]
    parts += [f"| `{p.fact}` | {p.weight:g} | {'for' if p.good else 'against'} |" for p in rules.willingness]
    return parts


def _guard(pack: Pack) -> list[str]:
    parts = ["", "## Contact guard", "", "| reason | says no when | 原因 | source |", "|--|--|--|--|"]
    for code, (text, article) in pack.guard.reasons.items():
        parts.append(f"| {code} | {text['en']} | {text['zh']} | {article} |")
    years = ", ".join(str(year) for year in pack.guard.holidays)
    return [*parts, "", f"Unanswered calls a day and number, at most: {pack.guard.calls}. Holidays known: {years}."]


def _facts() -> list[str]:
    groups = {
        "Facts": EXTRAS,
        "Facts made while deciding": DERIVED,
        "Figures of the book, the model, the process and cohorts": {**FIGURES, **COHORT},
    }
    parts: list[str] = []
    for title, facts in groups.items():
        parts += ["", f"## {title}", "", "| name | meaning | 含义 | unit | from |", "|--|--|--|--|--|"]
        for name, fact in facts.items():
            unit = fact.unit.label["en"]
            parts.append(f"| `{name}` | {fact.label['en']} | {fact.label['zh']} | {unit} | {', '.join(fact.tables)} |")
    return parts
