from typing import TYPE_CHECKING, Optional

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin

if TYPE_CHECKING:
    from app.models.tenant import Tenant
    from app.models.user import User


class FeatureFlag(TimestampMixin, Base):
    __tablename__ = "feature_flags"
    __table_args__ = (CheckConstraint("rollout_percent BETWEEN 0 AND 100", name="rollout_range"),)

    id: Mapped[PrimaryKey]
    code: Mapped[str] = mapped_column(String(60), unique=True)
    description: Mapped[str] = mapped_column(String(255))
    is_enabled: Mapped[bool] = mapped_column(server_default=sql("false"))
    rollout_percent: Mapped[int] = mapped_column(SmallInteger, server_default=sql("100"))

    overrides: Mapped[list["FeatureFlagOverride"]] = relationship(
        back_populates="flag", cascade="all, delete-orphan"
    )


class FeatureFlagOverride(TimestampMixin, Base):
    __tablename__ = "feature_flag_overrides"

    flag_id: Mapped[int] = mapped_column(
        ForeignKey("feature_flags.id", ondelete="CASCADE"), primary_key=True
    )
    tenant_id: Mapped[int] = mapped_column(
        ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    is_enabled: Mapped[bool]

    flag: Mapped[FeatureFlag] = relationship(back_populates="overrides")
    tenant: Mapped["Tenant"] = relationship()
    set_by: Mapped[Optional["User"]] = relationship()
