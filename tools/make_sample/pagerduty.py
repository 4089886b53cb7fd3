"""Writes incidents in the shape of PagerDuty's REST export: incidents and log entries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from . import company
from .dice import Dice
from .model import Entry, Incident, iso

_TYPES = {
    "trigger": "trigger_log_entry",
    "assign": "assign_log_entry",
    "notify": "notify_log_entry",
    "escalate": "escalate_log_entry",
    "ack": "acknowledge_log_entry",
    "unack": "unacknowledge_log_entry",
    "note": "annotate_log_entry",
    "priority": "field_value_change_log_entry",
    "resolve": "resolve_log_entry",
}


def _user(key: str) -> dict[str, str]:
    person = company.PEOPLE[key]
    return {"id": person.pager_id, "type": "user_reference", "summary": person.name}


def _service(name: str) -> dict[str, str]:
    return {"id": company.service_id(name), "type": "service_reference", "summary": name}


def _team(name: str) -> dict[str, str]:
    return {"id": "PTEAM" + name.upper()[:5], "type": "team_reference", "summary": name}


def _priority(severity: str) -> dict[str, str] | None:
    if not severity:
        return None
    return {"id": company.PRIORITIES[severity], "type": "priority", "name": severity, "summary": severity}


def _assigned(incident: Incident) -> list[tuple[datetime, str]]:
    return [(e.at, e.who) for e in incident.entries if e.verb in ("assign", "escalate") and e.who]


def _row(incident: Incident) -> dict[str, Any]:
    """One incident; assignments and acknowledgements are empty once it is resolved, as in the real export."""
    team = company.SERVICES[incident.service]
    changes = [e for e in incident.entries if e.verb in ("trigger", "ack", "unack", "resolve")]
    last = max(changes, key=lambda e: e.at)
    is_resolved = incident.status == "resolved"
    assigned = [] if is_resolved else _assigned(incident)[-1:]
    acknowledged = [e for e in incident.entries if e.verb == "ack"] if incident.status == "acknowledged" else []
    return {
        "id": incident.incident_id,
        "type": "incident",
        "summary": f"[#{incident.number}] {incident.title}",
        "incident_number": incident.number,
        "title": incident.title,
        "description": incident.title,
        "created_at": iso(incident.created_at),
        "updated_at": iso(max(e.at for e in incident.entries)),
        "status": incident.status,
        "incident_key": incident.key,
        "urgency": "high" if incident.severity in ("SEV1", "SEV2") else "low",
        "priority": _priority(incident.severity),
        "resolved_at": iso(incident.resolved_at) if incident.resolved_at else None,
        "last_status_change_at": iso(incident.resolved_at or last.at),
        "last_status_change_by": _user(last.who) if last.who else _service(incident.service),
        "service": _service(incident.service),
        "escalation_policy": {
            "id": "PESC" + team.upper()[:5],
            "type": "escalation_policy_reference",
            "summary": team,
        },
        "teams": [_team(team)],
        "assigned_via": "escalation_policy",
        "assignments": [{"at": iso(at), "assignee": _user(who)} for at, who in assigned],
        "acknowledgements": [{"at": iso(e.at), "acknowledger": _user(e.who)} for e in acknowledged],
        "alert_counts": {
            "all": len(incident.alerts),
            "triggered": 0 if is_resolved else len(incident.alerts),
            "resolved": len(incident.alerts) if is_resolved else 0,
        },
        "incident_type": {"name": incident.kind},
        "html_url": f"https://nimbus-kiosk.pager.invalid/incidents/{incident.incident_id}",
    }


def _channel(entry: Entry, incident: Incident, old: str) -> dict[str, Any]:
    match entry.verb:
        case "trigger":
            return {"type": "api" if incident.alerts else "web_trigger", "summary": incident.title}
        case "notify":
            ways = {"push": "push_notification", "phone": "phone_notification", "sms": "sms_notification"}
            return {"type": "auto", "notification": {"type": ways[entry.new], "status": "success"}}
        case "note":
            return {"type": "note", "summary": entry.text}
        case "priority":
            change = {"name": "priority", "old_value": old or None, "value": entry.new}
            return {"type": "website", "changeset": {"application_fields": [change], "customer_fields": []}}
        case "resolve" if not entry.who:
            return {"type": "timeout" if entry.text == "timeout" else "api"}
        case "escalate" | "assign":
            return {"type": "timeout" if entry.verb == "escalate" else "auto"}
        case _:
            return {"type": "mobile" if entry.at.second % 2 else "website"}


def _summary(entry: Entry, incident: Incident) -> str:
    who = company.PEOPLE[entry.who].name if entry.who else "the service"
    return {
        "trigger": "Triggered through the API" if incident.alerts else "Triggered through the website",
        "assign": f"Assigned to {who}",
        "notify": f"Notified {who} by {entry.new}",
        "escalate": f"Escalated to {who} because nobody acknowledged",
        "ack": f"Acknowledged by {who}",
        "unack": "Unacknowledged after the timeout",
        "note": f"Note by {who}",
        "priority": f"Priority set to {entry.new} by {who}",
        "resolve": f"Resolved by {who}" if entry.who else "Resolved by the service",
    }[entry.verb]


def _log_entries(incident: Incident, dice: Dice) -> list[dict[str, Any]]:
    rows = []
    old = ""
    for entry in incident.entries:
        acts = entry.who if entry.verb not in ("assign", "notify", "escalate") else ""
        row: dict[str, Any] = {
            "id": "R" + dice.token(25),
            "type": _TYPES[entry.verb],
            "summary": _summary(entry, incident),
            "created_at": iso(entry.at),
            "agent": _user(acts) if acts else _service(incident.service),
            "channel": _channel(entry, incident, old),
            "service": _service(incident.service),
            "incident": {
                "id": incident.incident_id,
                "type": "incident_reference",
                "summary": f"[#{incident.number}] {incident.title}",
            },
            "teams": [_team(company.SERVICES[incident.service])],
            "contexts": [],
        }
        if entry.verb == "trigger":
            row["event_details"] = {"description": incident.title}
        if entry.verb in ("assign", "escalate"):
            row["assignees"] = [_user(entry.who)]
        if entry.verb == "notify":
            row["user"] = _user(entry.who)
        if entry.verb in ("note", "priority") and entry.text:
            row["note"] = entry.text
        if entry.verb == "priority":
            old = entry.new
        rows.append(row)
    return rows


def export(incidents: list[Incident], dice: Dice) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of incidents.json in order of their numbers, and of log_entries.json with the newest first."""
    entries = [row for incident in incidents for row in _log_entries(incident, dice)]
    entries.reverse()
    entries.sort(key=lambda row: str(row["created_at"]), reverse=True)
    return [_row(incident) for incident in incidents], entries
