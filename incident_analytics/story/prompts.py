"""Worth talking about: three to five computed prompts, each a fact, an open question and a link to its evidence.

A rule fires when its fact is in the data. At least one prompt starts from something that helped, where the record
holds one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from .. import wording
from ..review import Review
from .fragment import said

_LARGE_SHARE = 0.33
_NOTABLE = pd.Timedelta("10min")


@dataclass(frozen=True)
class Prompt:
    """A fact, a question without a right answer, and the section that holds the evidence."""

    fact: str
    question: str
    section: str
    section_title: str


def prompts(review: Review) -> list[Prompt]:
    """Up to five prompts; what helped comes in even when five others fired."""
    helped = list(_what_helped(review))
    asked = [p for rule in _RULES for p in rule(review)]
    return [*asked[: 5 - min(len(helped), 1)], *helped[:1]] if len(asked) + len(helped) > 5 else [*asked, *helped[:2]]


def _largest_phase(review: Review) -> Iterator[Prompt]:
    phases = review.phases[review.phases["span"].notna() & ~review.phases["is_open"].astype(bool)]
    if len(phases) < 2:
        return
    row = phases.loc[phases["span"].idxmax()]
    if row["share"] >= _LARGE_SHARE and len(row["covers"]) <= 1:
        question = {
            "unnoticed": "What could have told sooner that something was wrong?",
            "noticed": "What stood between noticing and taking it up?",
            "gathering": "Who was needed, and what made it hard to reach them?",
            "understanding": "What would have told the theories apart sooner?",
            "mitigating": "Which step took the time, and what would have made it safe to go faster?",
            "restoring": "What had to happen between relief and normal, and who knew about it?",
        }.get(str(row["phase"]), "What filled that time?")
        fact = f"{str(row['phase']).capitalize()} took {wording.duration(row['span'])}, {wording.percent(row['share'])} of the incident."
        yield Prompt(fact, question, "timeline", "Timeline")


def _relief_before_cause(review: Review) -> Iterator[Prompt]:
    identified = review.at("identified")
    started = review.at("mitigation_started")
    if pd.isna(started):
        steps = review.timeline[(review.timeline["kind"] == "action") & (review.timeline["field"] == "mitigation")]
        started = steps["at"].min() if len(steps) else pd.NaT
    if pd.notna(identified) and pd.notna(started) and identified - started >= pd.Timedelta("1min"):
        fact = f"The first step against the impact came {wording.duration(identified - started)} before the trigger was known."
        yield Prompt(
            fact, "What made that possible, and could more have been relieved the same way?", "recovery", "Recovery"
        )


def _knowing_to_acting(review: Review) -> Iterator[Prompt]:
    identified, mitigated = review.at("identified"), review.at("mitigated")
    if pd.isna(identified) or pd.isna(mitigated):
        return
    acts = review.timeline[(review.timeline["kind"] == "action") & (review.timeline["at"] > identified)]
    first = acts["at"].min() if len(acts) else mitigated
    gap = min(first, mitigated) - identified
    if gap >= _NOTABLE:
        fact = f"{wording.duration(gap)} lie between naming the trigger and the next recorded step."
        yield Prompt(fact, "What had to happen first?", "recovery", "Recovery")


def _silent_severity(review: Review) -> Iterator[Prompt]:
    steps = review.severity_steps
    silent = steps[(steps["direction"] != "first") & ~steps["is_explained"].astype(bool)]
    if len(silent):
        row = silent.iloc[0]
        before = steps.loc[steps.index < row.name, "level"]
        fact = f"Severity went from {before.iloc[-1] if len(before) else 'unset'} to {row['level']} without a recorded reason."
        yield Prompt(fact, "What had changed in the picture, and who heard of it?", "severity", "Severity")


def _public_first(review: Review) -> Iterator[Prompt]:
    public, inside = review.at("public_first"), review.at("stakeholder_first")
    if pd.notna(public) and pd.notna(inside) and inside - public >= pd.Timedelta("1min"):
        fact = f"The public heard {wording.duration(inside - public)} before stakeholders did."
        yield Prompt(fact, "Who was caught by surprise?", "communication", "Communication")


def _longest_silence(review: Review) -> Iterator[Prompt]:
    silences = review.silences
    if len(silences):
        row = silences.loc[silences["span"].idxmax()]
        fact = f"No entry for {wording.duration(row['span'])} from {wording.clock_time(row['began_at'])} on."
        yield Prompt(fact, "What happened then that nobody wrote down?", "timeline", "Timeline")


def _logs_knew_first(review: Review) -> Iterator[Prompt]:
    onsets = review.log_onsets
    detected = review.at("detected")
    if not len(onsets) or pd.isna(detected):
        return
    early = onsets.dropna(subset=["at"])
    early = early[detected - early["at"] >= pd.Timedelta("2min")]
    if len(early):
        row = early.loc[early["at"].idxmin()]
        fact = f"The log of {row['service']} departed from its usual rate {wording.duration(detected - row['at'])} before anybody knew."
        yield Prompt(fact, "Which signal in it could carry an alert?", "logs", "Log evidence")


def _over_cadence(review: Review) -> Iterator[Prompt]:
    gaps = review.update_gaps
    told = review.records.events.loc[review.records.events["kind"] == "update", "audience"]
    gaps = gaps[gaps["audience"].isin(told)] if len(gaps) else gaps
    over = gaps[gaps["over"].fillna(pd.Timedelta(0)) >= _NOTABLE] if len(gaps) else gaps
    if len(over):
        row = over.loc[over["over"].idxmax()]
        audience = {"public": "The public", "stakeholders": "Stakeholders", "internal": "The team’s own channel"}.get(
            str(row["audience"]), str(row["audience"])
        )
        fact = f"{audience} heard nothing for {wording.duration(row['span'])}; the policy promises {wording.duration(row['cadence'])}."
        yield Prompt(fact, "What would have made a short “nothing new” easy to send?", "communication", "Communication")


def _what_helped(review: Review) -> Iterator[Prompt]:
    well = review.records.learnings[review.records.learnings["category"] == "went_well"]
    detect = review.measurements.loc["time_to_detect", "value"]
    if len(well):
        row = well.assign(votes=well["votes"].fillna(0)).sort_values("votes", ascending=False, kind="stable").iloc[0]
        yield Prompt(
            f"What helped: {wording.sentence(str(row['text']))}",
            "What keeps it there next time?",
            "learnings",
            "Learnings",
        )
    elif pd.notna(detect) and pd.Timedelta(0) <= detect <= pd.Timedelta("5min"):
        fact = f"Somebody knew after {wording.duration(detect)}."
        yield Prompt(fact, "What made that fast, and which services lack it?", "timeline", "Timeline")
    elif said(review.incident["end_state"]) == "self_recovered":
        yield Prompt("It recovered by itself.", "What did that, and will it again?", "recovery", "Recovery")


_RULES = (
    _largest_phase,
    _logs_knew_first,
    _relief_before_cause,
    _knowing_to_acting,
    _silent_severity,
    _over_cadence,
    _public_first,
    _longest_silence,
)
