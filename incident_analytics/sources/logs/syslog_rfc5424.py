"""Syslog as RFC 5424 defines it: version, ISO 8601 time, structured data, message."""

from __future__ import annotations

from ._engine import SYSLOG_SEVERITIES, LogFormat

NAME = "syslog_rfc5424"
DESCRIPTION = "Syslog (RFC 5424), with structured data"
RECOGNISED_BY = "<priority>, version, a time in ISO 8601, host, application, structured data"
EXAMPLE = "<13>1 2026-01-05T09:00:00Z web-1 otterd 7 - - otters awake"
TIME_ZONE_RULE = "The standard asks for an offset, which is followed; a time without one is read in the zone given, else as UTC with a finding."

# A value in structured data may hold \" and \]; a message in UTF-8 may begin with a byte order mark.
_DATA = r'(?:-|(?:\[[^ \]="\n]+(?: [^ \]="\n]+="(?:[^"\\\n]|\\[^\n])*")*\])+)'

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601",),
    levels={str(priority): SYSLOG_SEVERITIES[priority % 8] for priority in range(192)},
    patterns=(
        r"^(?P<head>(?:<(?P<level>[0-9]{1,3})>)?[1-9][0-9]{0,2} (?P<time>[0-9][^ \n]+) (?P<host>[^ \n]+) )",
        rf"^(?P<head>(?P<service>[^ \n]+) [^ \n]+ [^ \n]+ {_DATA}(?: |[\r\n]|$))",
    ),
    required=("time", "host", "service"),
)
