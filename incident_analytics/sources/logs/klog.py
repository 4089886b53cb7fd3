"""klog and glog, as Kubernetes and C++ services write it: a letter for the level, month and day glued to it."""

from __future__ import annotations

from ._engine import LogFormat
from ._shapes import LETTERS

NAME = "klog"
DESCRIPTION = "klog and glog (Kubernetes, Google's C++ services)"
RECOGNISED_BY = "A letter and month and day such as I0105, a time with microseconds, a thread, file and line"
EXAMPLE = "I0105 09:00:00.000000       7 pond.go:42] otters awake"
TIME_ZONE_RULE = (
    "Times have no zone: read in the zone given, else as UTC with a finding. They have no year either, but with the "
    "newest glog; a finding says where it was taken from."
)

FORMAT = LogFormat(
    kind="pattern",
    times=("%m%d %H:%M:%S.%f", "%Y%m%d %H:%M:%S.%f"),
    levels=LETTERS,
    patterns=(
        r"^(?P<head>(?P<level>[IWEFD])(?P<time>[0-9]{4}(?:[0-9]{4})? [0-9:]{8}[.][0-9]+) +[0-9]+ )"
        r"(?P<message>[^ \]\n]+:[0-9]+\][^\n]*)",
    ),
    required=("time", "message"),
    begins="^[IWEFD][0-9]{4}(?:[0-9]{4})? [0-9]",
    comments="^(?:Log file created at|Running on machine|Binary: Built|Running duration|Log line format)",
    continues="any",
    is_service_from_file=True,
)
