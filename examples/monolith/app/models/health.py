import enum
from datetime import datetime
from typing import TYPE_CHECKING, Optional

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.models.user import User


class HealthState(enum.StrEnum):
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


class HealthCheck(TimestampMixin, Base):
    __tablename__ = "health_checks"
    __table_args__ = (CheckConstraint("interval_seconds >= 10", name="interval_not_too_short"),)

    id: Mapped[PrimaryKey]
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    interval_seconds: Mapped[int] = mapped_column(server_default=sql("60"))
    is_enabled: Mapped[bool] = mapped_column(server_default=sql("true"))

    owner: Mapped[Optional["User"]] = relationship()
    results: Mapped[list["HealthCheckResult"]] = relationship(
        back_populates="check", cascade="all, delete-orphan"
    )


class HealthCheckResult(Base):
    __tablename__ = "health_check_results"
    __table_args__ = (
        Index("ix_health_check_results_latest", "check_id", sql("checked_at DESC")),
        Index(
            "ix_health_check_results_failures",
            "checked_at",
            postgresql_where=sql("state <> 'up'"),
        ),
    )

    id: Mapped[PrimaryKey]
    check_id: Mapped[int] = mapped_column(ForeignKey("health_checks.id", ondelete="CASCADE"))
    state: Mapped[HealthState] = mapped_column(pg_enum(HealthState, "health_state"))
    latency_ms: Mapped[int | None]
    detail: Mapped[str | None] = mapped_column(Text)
    checked_at: Mapped[datetime] = mapped_column(server_default=func.now())

    check: Mapped[HealthCheck] = relationship(back_populates="results")
