"""Writes alerts in the shape of Alertmanager's API v2: those behind incidents, and noise that belongs to none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from . import company
from .dice import Dice
from .model import Alert, Incident, iso

_NOISE = (
    ("DiskWillFillIn24Hours", "info", "Disk of {service}-{n} fills within a day at this rate"),
    ("CertificateRenewalDue", "info", "A certificate of {service} is renewed within 21 days"),
    ("PodRestarted", "warning", "{service}-{n} restarted once"),
    ("ClockSkew", "info", "Clock of {service}-{n} is off by 240 ms"),
    ("DeadMansSwitch", "none", "Always firing, shows that alerting works"),
)
_END_OF_DATA = datetime(company.YEAR, 12, 31, 23, 58, 30, tzinfo=UTC)


def noise(dice: Dice, n: int) -> list[Alert]:
    """Alerts that never became an incident; the last two still fire."""
    alerts = []
    start = datetime(company.YEAR, 1, 1, tzinfo=UTC)
    for place in range(n):
        name, severity, summary = dice.pick(_NOISE[:-1]) if place else _NOISE[-1]
        service = dice.pick(list(company.SERVICES))
        fired = start + timedelta(seconds=dice.between(0, 364 * 86400))
        is_firing = place < 2
        alerts.append(
            Alert(
                name=name,
                service=service,
                severity=severity,
                summary=summary.format(service=service, n=dice.between(1, 6)),
                fired_at=_END_OF_DATA - timedelta(hours=30 * (place + 1)) if is_firing else fired,
                ended_at=None if is_firing else fired + timedelta(minutes=dice.between(3, 240)),
                fingerprint=dice.hexadecimal(16),
            )
        )
    return alerts


def _row(alert: Alert, dice: Dice) -> dict[str, Any]:
    """One alert; while it fires, ``endsAt`` is an expiry a few minutes after ``updatedAt``, not an end."""
    updated = alert.ended_at or _END_OF_DATA
    ends = alert.ended_at or _END_OF_DATA + timedelta(minutes=4)
    fraction = f".{dice.between(1, 999):03d}Z"
    labels = {
        "alertname": alert.name,
        "service": alert.service,
        "severity": alert.severity,
        "team": company.SERVICES[alert.service],
        "cluster": dice.pick(("fictional-west", "fictional-east")),
        **alert.extra_labels,
    }
    return {
        "labels": labels,
        "annotations": {
            "summary": alert.summary,
            "runbook": f"https://runbooks.nimbus-kiosk.invalid/{alert.name}",
        },
        "startsAt": iso(alert.fired_at).replace("Z", fraction),
        "endsAt": iso(ends).replace("Z", fraction),
        "updatedAt": iso(updated).replace("Z", fraction),
        "fingerprint": alert.fingerprint,
        "generatorURL": f"https://metrics.nimbus-kiosk.invalid/graph?alert={alert.name}",
        "receivers": [{"name": "pager" if alert.severity in ("critical", "warning") else "mail"}],
        "status": {
            "state": "unprocessed" if alert.ended_at else "active",
            "silencedBy": [],
            "inhibitedBy": [],
            "mutedBy": [],
        },
    }


def export(incidents: list[Incident], others: list[Alert], dice: Dice) -> list[dict[str, Any]]:
    """The rows of alerts.json, in the order in which the alerts fired."""
    alerts = [alert for incident in incidents for alert in incident.alerts] + others
    alerts.sort(key=lambda a: (a.fired_at, a.fingerprint))
    return [_row(alert, dice) for alert in alerts]
