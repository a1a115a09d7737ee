from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete
from sqlalchemy.orm import Session

from app.config import load_settings
from app.modules.core.models import AuditEvent, User


def record(
    session: Session, action: str, subject: Any, *, actor: User | None = None, **details: Any
) -> AuditEvent:
    """Note what happened to a model instance that has been flushed."""
    event = AuditEvent(
        actor=actor,
        action=action,
        subject_type=type(subject).__name__,
        subject_id=str(subject.id),
        details=details,
    )
    session.add(event)
    return event


def prune(session: Session) -> int:
    """Delete what is older than the retention period; say how many."""
    oldest = datetime.now(UTC) - timedelta(days=load_settings().audit_retention_days)
    result = session.execute(delete(AuditEvent).where(AuditEvent.occurred_at < oldest))
    return cast("CursorResult[Any]", result).rowcount
