import enum
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.models.user import User


class NotificationChannel(enum.StrEnum):
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class Notification(TimestampMixin, Base):
    __tablename__ = "notifications"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index("ix_notifications_pending", "created_at", postgresql_where=sql("sent_at IS NULL")),
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    channel: Mapped[NotificationChannel] = mapped_column(
        pg_enum(NotificationChannel, "notification_channel"), server_default=sql("'email'")
    )
    template: Mapped[str] = mapped_column(String(80))
    locale: Mapped[str] = mapped_column(
        String(5), comment="The user's locale when the notification was queued"
    )
    payload: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    sent_at: Mapped[datetime | None]

    user: Mapped["User"] = relationship()
