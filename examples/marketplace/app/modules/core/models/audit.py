from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional

from sqlalchemy import BigInteger, ForeignKey, Index, String, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey

if TYPE_CHECKING:
    from app.modules.core.models.user import User


class AuditEvent(Base):
    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_subject", "subject_type", "subject_id"),
        Index("ix_audit_events_occurred_at", sql("occurred_at DESC")),
    )

    id: Mapped[PrimaryKey]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(80))
    subject_type: Mapped[str] = mapped_column(String(80))
    subject_id: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.now())

    actor: Mapped[Optional["User"]] = relationship()


class ArchivedAuditEvent(Base):
    """An event of long ago. Whoever asks for audit events gets these as well; nobody changes them:
    a rule sees to that."""

    __tablename__ = "audit_events_archived"
    __table_args__ = {"postgresql_inherits": "audit_events"}

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(80))
    subject_type: Mapped[str] = mapped_column(String(80))
    subject_id: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.now())
    archived_at: Mapped[datetime] = mapped_column(server_default=func.now())


# Inheritance is nothing that SQLAlchemy orders tables by.
_tables = Base.metadata.tables
_tables["audit_events_archived"].add_is_dependent_on(_tables["audit_events"])
