from decimal import Decimal
from typing import TYPE_CHECKING, Optional

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin

if TYPE_CHECKING:
    from app.models.product import Product
    from app.models.tenant import Tenant
    from app.models.user import User


class Vendor(TimestampMixin, Base):
    """Who makes or imports a product; a tenant sells for several vendors."""

    __tablename__ = "vendors"
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        CheckConstraint("commission_percent BETWEEN 0 AND 100", name="commission_is_percentage"),
    )

    id: Mapped[PrimaryKey]
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    contact_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    slug: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(160))
    commission_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2), server_default=sql("10"))

    tenant: Mapped["Tenant"] = relationship()
    contact_user: Mapped[Optional["User"]] = relationship()
    products: Mapped[list["Product"]] = relationship(back_populates="vendor")
