"""Container logs of Kubernetes as the runtimes behind CRI (containerd, CRI-O) write them: time, stream, tag, text.

A text that was too long for one line is split; its pieces but the last have the tag P, and are joined again.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "cri"
DESCRIPTION = "Kubernetes container logs (CRI: containerd, CRI-O)"
RECOGNISED_BY = "A time in RFC 3339 with an offset, stdout or stderr, the tag F or P"
EXAMPLE = "2026-01-05T09:00:00.123456789+00:00 stdout F otters awake"
TIME_ZONE_RULE = "Every entry carries its offset, which is followed."

_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:[.][0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601",),
    levels=LEVEL_NAMES,
    patterns=(rf"^(?P<head>(?P<time>{_TIME}) std(?:out|err) [FP](?::[^ \n]*)? )",),
    is_service_from_file=True,
    joins="cri",
)
