import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
