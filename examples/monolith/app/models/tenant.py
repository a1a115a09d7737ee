import enum
from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional

from sqlalchemy import CheckConstraint, ForeignKey, String, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.models.store import Store
    from app.models.user import User

# Two letters for the country, then as it pleases.
VAT_NUMBER = DOMAIN(
    "vat_number",
    String(20),
    constraint_name="vat_number_format",
    check=sql("VALUE ~ '^[A-Z]{2}[0-9A-Z]{2,12}$'"),
    metadata=Base.metadata,
)


class TenantRole(enum.StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class Tenant(TimestampMixin, Base):
    __tablename__ = "tenants"
    __table_args__ = (
        CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]*$'", name="slug_format"),
        CheckConstraint("slug NOT IN ('www', 'api', 'admin')", name="slug_not_reserved"),
        {"comment": "A company that runs its stores on the platform"},
    )

    id: Mapped[PrimaryKey]
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    is_active: Mapped[bool] = mapped_column(server_default=sql("true"))
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    vat_number: Mapped[str | None] = mapped_column(VAT_NUMBER)

    members: Mapped[list["TenantMember"]] = relationship(
        back_populates="tenant", cascade="all, delete-orphan"
    )
    stores: Mapped[list["Store"]] = relationship(back_populates="tenant")


class TenantMember(Base):
    __tablename__ = "tenant_members"

    tenant_id: Mapped[int] = mapped_column(
        ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[TenantRole] = mapped_column(
        pg_enum(TenantRole, "tenant_role"), server_default=sql("'member'")
    )
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    joined_at: Mapped[datetime] = mapped_column(server_default=func.now())

    tenant: Mapped[Tenant] = relationship(back_populates="members")
    user: Mapped["User"] = relationship(foreign_keys="TenantMember.user_id")
    invited_by: Mapped[Optional["User"]] = relationship(foreign_keys="TenantMember.invited_by_id")
