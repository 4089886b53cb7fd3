"""CloudWatch alarms, and changes of state of ECS, Auto Scaling, CodeDeploy and other services of AWS.

Alarms come through SNS, or from EventBridge; the other changes from EventBridge. What the vendor does oddly:

- the message of a notification is JSON as text.
- the offset of an alarm's time has no colon (``+0000``).
- an alarm has three states. ``OK`` ends it only after ``ALARM``; ``INSUFFICIENT_DATA`` says that nothing is known.
- events of test consoles are of the beginning of 1970: they have no time.
- what changed stands under another name for every service; the words are kept as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._aws_envelope import Delivered, aws_instant, delivered, event_of, message_of
from .._contract import VendorDuration
from .._export import Export, first_text, leftover, open_export, text_of
from .._json import sketch

NAME = "aws_events"
DESCRIPTION = "CloudWatch alarms (SNS, EventBridge) and changes of state of other AWS services (EventBridge)"
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = '{"AlarmName": "dam-level", "NewStateValue": "ALARM", "OldStateValue": "OK", "StateChangeTime": "2026-01-05T09:00:00.000+0000"}'
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "AlarmName": "text",
        "NewStateValue": "new",
        "OldStateValue": "old",
        "NewStateReason": "reason",
        "StateChangeTime": "at",
        "AlarmArn": "source_ref",
        "detail-type": "field",
        "time": "at",
        "id": "source_ref",
        "source": "service",
    }
)

_LISTS = ("Records", "events")
_ALARM_TYPE = "CloudWatch Alarm State Change"
_HEALTH = "AWS Health"
_STATES = ("status", "state", "lastStatus", "StatusCode", "stateChange", "deployment-status")
_TEXTS = ("reason", "stoppedReason", "StatusMessage", "Cause", "message", "description")
_TIMES = ("updatedAt", "EndTime", "updateTime")


def recognises(head: bytes) -> bool:
    """By an alarm's ``AlarmName`` and ``NewStateValue``, also inside SNS, or by events whose source is ``aws.…``."""
    return any(_is_event(value) for value in sketch(head, _LISTS).records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Each change of an alarm as an alert, and each change of another service as a change; no incidents."""
    export = open_export(path, name=NAME, lists=_LISTS, time_zone=time_zone)
    events = []
    for each in delivered(export):
        if _is_alarm(each.row.value):
            events.append(_notified(export, each))
        elif text_of(each.envelope.get("detail-type")) == _ALARM_TYPE:
            events.append(_alarm(export, each))
        elif each.envelope:
            events.append(_change(export, each))
        else:
            export.reject(each.row.place, each.row.value, "it is neither an alarm nor an event; expected one of them")
    return Records.build(events=events, findings=export.findings)


def _notified(export: Export, each: Delivered) -> dict[str, object]:
    """A change of an alarm as SNS notifies of it."""
    value = each.row.value
    old, new = (text_of(value.get(cell)) for cell in ("OldStateValue", "NewStateValue"))
    trigger = value.get("Trigger")
    metrics = trigger.get("Metrics") if isinstance(trigger, dict) else None
    spaces = [first_text(part, "MetricStat.Metric.Namespace") for part in metrics] if isinstance(metrics, list) else []
    taken = ("OldStateValue", "NewStateValue", "StateChangeTime", "AlarmArn", "NewStateReason")
    return export.event(
        **_turned(old, new),
        at=aws_instant(export, each.row, "StateChangeTime"),
        old=old,
        new=new,
        text=text_of(value.get("AlarmName")),
        reason=text_of(value.get("NewStateReason")),
        service=first_text(trigger, "Namespace") or next(filter(None, spaces), None),
        is_automatic=True,
        source_ref=first_text(value, "AlarmArn") or each.row.place,
        extra=leftover(value, taken) | leftover(_dict(trigger), (), prefix="Trigger."),
    )


def _alarm(export: Export, each: Delivered) -> dict[str, object]:
    """A change of an alarm as EventBridge delivers it."""
    value = each.row.value
    old, new = first_text(value, "previousState.value"), first_text(value, "state.value")
    at = aws_instant(export, each.row, "state.timestamp") or aws_instant(export, each.said_at, "time")
    return export.event(
        **_turned(old, new),
        at=at,
        old=old,
        new=new,
        text=first_text(value, "alarmName"),
        reason=first_text(value, "state.reason"),
        is_automatic=True,
        source_ref=first_text(each.envelope, "id") or each.row.place,
        extra=leftover(each.envelope, ("id", "time")) | leftover(value, ("alarmName",), prefix="detail."),
    )


def _turned(old: str | None, new: str | None) -> dict[str, Any]:
    """What a change of an alarm means: it fired, it is over, or no more than that its state is another one."""
    if new == "ALARM":
        return {"kind": "alert", "field": "fired"}
    if new == "OK" and old in ("ALARM", None):
        return {"kind": "alert", "field": "resolved"}
    return {"kind": "note", "field": "alarm_state"}


def _change(export: Export, each: Delivered) -> dict[str, object]:
    """A change of state of any other service, with its own words."""
    value, envelope = each.row.value, each.envelope
    timed = [cell for cell in _TIMES if text_of(value.get(cell))]
    at = aws_instant(export, each.row, timed[0]) if timed else None
    kind, state = text_of(envelope.get("detail-type")), first_text(value, *_STATES)
    said = first_text(value, *_TEXTS)
    listed = envelope.get("resources")
    resources = [text for text in map(text_of, listed if isinstance(listed, list) else []) if text]
    return export.event(
        "change",
        at or aws_instant(export, each.said_at, "time"),
        field=kind,
        new=state,
        text=": ".join(filter(None, [kind, state])),
        reason=said,
        service=text_of(envelope.get("source")),
        is_automatic=True,
        source_ref=first_text(envelope, "id") or each.row.place,
        extra=leftover(envelope, ("id", "time", "source", "detail-type"))
        | leftover(value, (), prefix="detail.")
        | ({"resources": resources} if resources else {}),
    )


def _is_alarm(value: Mapping[str, Any]) -> bool:
    return "AlarmName" in value and "NewStateValue" in value


def _is_event(value: dict[str, Any]) -> bool:
    message = message_of(value)
    if isinstance(message, str):
        # Only its beginning may be seen.
        return '"AlarmName"' in message
    if isinstance(message, dict):
        return _is_alarm(message)
    event = event_of(value)
    kind, source = text_of(event.get("detail-type")), text_of(event.get("source"))
    is_aws = (source or "").startswith("aws.") and kind is not None and not kind.startswith(_HEALTH)
    return is_aws or _is_alarm(value)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
