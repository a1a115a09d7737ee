import enum
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import UserDefinedType

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.modules.tenancy.models.tenant import Tenant


class StoreStatus(enum.StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Store(TimestampMixin, Base):
    __tablename__ = "stores"
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_format"),
    )

    id: Mapped[PrimaryKey]
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    slug: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(160))
    currency: Mapped[str] = mapped_column(String(3), server_default=sql("'EUR'"))
    status: Mapped[StoreStatus] = mapped_column(
        pg_enum(StoreStatus, "store_status"), server_default=sql("'draft'")
    )
    opened_at: Mapped[datetime | None]

    tenant: Mapped["Tenant"] = relationship(back_populates="stores")
    domains: Mapped[list["StoreDomain"]] = relationship(
        back_populates="store", cascade="all, delete-orphan"
    )


class StoreDomain(TimestampMixin, Base):
    __tablename__ = "store_domains"
    __table_args__ = (
        Index("uq_store_domains_hostname_lower", sql("lower(hostname)"), unique=True),
        Index(
            "uq_store_domains_primary",
            "store_id",
            unique=True,
            postgresql_where=sql("is_primary"),
        ),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), index=True)
    hostname: Mapped[str] = mapped_column(String(253))
    is_primary: Mapped[bool] = mapped_column(server_default=sql("false"))

    store: Mapped[Store] = relationship(back_populates="domains")


class ClockRange(UserDefinedType[str]):
    """From and until, on one day; values are spelled as Postgres does: `[09:00,18:00)`."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "clock_range"


class StoreOpeningHours(Base):
    """When a store answers the telephone; a weekday (1 is Monday) can have several spans."""

    __tablename__ = "store_opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_range"),
        ExcludeConstraint(
            ("store_id", "="),
            ("weekday", "="),
            ("open_between", "&&"),
            name="ex_store_opening_hours_overlap",
        ),
    )

    store_id: Mapped[int] = mapped_column(
        ForeignKey("stores.id", ondelete="CASCADE"), primary_key=True
    )
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    open_between: Mapped[str] = mapped_column(ClockRange, primary_key=True)
    note: Mapped[str | None] = mapped_column(String(80))

    store: Mapped[Store] = relationship()
