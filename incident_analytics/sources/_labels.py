"""Labels that are severities: a tracker's label may mean anything, so only the policy says which of them is one.

A label counts where the policy lists it, or where it calls itself a severity and the policy lists the rest of it:
``sev1``, ``P1``, ``severity: high``.
"""

from __future__ import annotations

import re

import pandas as pd

from ..policy import Policy
from ..records import Records

_CALLED = re.compile(r"(?:sev|severity|prio|priority)\s*[:/=]\s*(.+)", re.IGNORECASE)
_NOTE = "label that the policy lists as a severity"


def severities_of_labels(records: Records, policy: Policy) -> Records:
    """The bundle with a severity event beside every label that the policy knows as one; the labels stay as they are."""
    events = records.events
    is_label = (events["kind"] == "note") & (events["field"] == "label") & events["new"].notna()
    if not is_label.any():
        return records
    labels = events[is_label]
    words = labels["new"].map({str(label): _severity_in(str(label), policy) for label in labels["new"].unique()})
    made = labels[words.notna()].assign(
        kind="severity", field=None, new=words[words.notna()], basis="inferred", note=_NOTE,
    )  # fmt: skip
    made["extra"] = pd.Series(
        [{"as_written": label} for label in labels["new"][made.index]], index=made.index, dtype="object"
    )
    if not len(made):
        return records
    return records.with_tables(events=pd.concat([events, made], ignore_index=True))


def _severity_in(label: str, policy: Policy) -> str | None:
    """The word of a label that the policy knows."""
    called = _CALLED.fullmatch(label.strip())
    words = [label.strip(), *([called[1].strip()] if called else [])]
    return next((word for word in words if policy.level(word) is not None), None)
