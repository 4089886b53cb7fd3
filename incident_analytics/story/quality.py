"""Findings as people read them: grouped by check, the worst first, with what was done about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from .. import wording
from ..records import Records
from ..sources import checks
from .fragment import said

SEVERITIES = ("error", "warning", "info")
"""The worst first."""

SHOWN = 10
"""So many findings of a group are shown one by one; the rest is counted by source."""


@dataclass(frozen=True, slots=True)
class Group:
    """All findings of one check and severity.

    Attributes:
        check: name of the check.
        severity: how bad they are.
        meaning: what such a finding says; empty for a check that only one source makes.
        done: what was done about them.
        findings: the findings, in the order in which they were made: source, incident_id, table, row, message, raw.
        by_source: how many there are by source, the most first; findings without a source stand under an empty name.
    """

    check: str
    severity: str
    meaning: str
    done: str
    findings: list[dict[str, str | None]]
    by_source: dict[str, int]

    @property
    def title(self) -> str:
        """The check's name in words."""
        return self.check.replace("_", " ")

    def said(self, row: dict[str, str | None]) -> str:
        """A finding's message without what was done, which stands once for the group."""
        return (row["message"] or "").removesuffix(self.done).rstrip()

    @property
    def more(self) -> str:
        """How many findings are not shown, and where they come from; empty when all are."""
        rest = self.findings[SHOWN:]
        if not rest:
            return ""
        listed = [f"{name or 'no source'} {n}" for name, n in list(self.by_source.items())[:8]]
        others = "" if len(self.by_source) <= 8 else f" and {len(self.by_source) - 8} more sources"
        return f"{len(rest)} more; of all {len(self.findings)}: {', '.join(listed)}{others}"


def finding_groups(findings: pd.DataFrame) -> list[Group]:
    """The findings grouped by check, the worst severity first, and within it in the order of the checks' weight."""
    known = checks().drop_duplicates("check").set_index("check")
    weight = {name: place for place, name in enumerate(known.index)}
    grouped = sorted(
        ((str(severity), str(check), group) for (severity, check), group in findings.groupby(["severity", "check"])),
        key=lambda each: (_place(each[0]), weight.get(each[1], len(weight)), each[1]),
    )
    return [
        Group(
            check=check,
            severity=severity,
            meaning=str(known.loc[check, "meaning"]) if check in weight else "",
            done=str(known.loc[check, "done"]) if check in weight else "",
            findings=[_row(row) for row in group.itertuples()],
            by_source={str(name): int(n) for name, n in group["source"].fillna("").value_counts().items()},
        )
        for severity, check, group in grouped
    ]


def _place(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _row(row: Any) -> dict[str, str | None]:
    return {name: said(getattr(row, name)) for name in ("source", "incident_id", "table", "row", "message", "raw")}


def findings_lede(records: Records, groups: list[Group]) -> str:
    """How many findings there are, by severity, in how many incidents; says so when there are none."""
    whole = (
        f"{wording.count(len(records.incidents), 'incident')}, {wording.count(len(records.events), 'entry', 'entries')}"
    )
    counted = {s: sum(len(g.findings) for g in groups if g.severity == s) for s in SEVERITIES}
    if not any(counted.values()):
        return f"No check found anything in {whole}. That says nothing about what was never written down."
    notes = f"{counted['info']} for information"
    listed = wording.listed([*(wording.count(counted[s], s) for s in ("error", "warning")), notes])
    return f"{listed} in {whole}."


def findings_as_json(records: Records, groups: list[Group]) -> dict[str, Any]:
    """The groups as one document for programs."""
    return {
        "incidents": len(records.incidents),
        "counts": {s: sum(len(g.findings) for g in groups if g.severity == s) for s in SEVERITIES},
        "groups": [
            {
                "check": g.check,
                "severity": g.severity,
                "n": len(g.findings),
                "meaning": g.meaning,
                "done": g.done,
                "by_source": g.by_source,
                "findings": g.findings,
            }
            for g in groups
        ],
    }


def findings_as_text(groups: list[Group]) -> list[str]:
    """The groups as lines for a terminal; what is not printable in them is replaced."""
    lines: list[str] = []
    for group in groups:
        lines.append(
            f"{group.severity}: {group.title} ({len(group.findings)})"
            + (f" - {group.meaning}" if group.meaning else "")
        )
        for row in group.findings[:SHOWN]:
            where = " ".join(part for part in (row["source"], row["incident_id"]) if part)
            lines.append(f"  {group.said(row)}" + (f" [{where}]" if where else ""))
        if group.more:
            lines.append(f"  … and {group.more}")
        if group.done:
            lines.append(f"  Done: {group.done}")
    return ["".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line) for line in lines]
