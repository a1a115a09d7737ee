from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Numeric,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin

if TYPE_CHECKING:
    from app.modules.customers.models.customer import Customer

customer_group_members = Table(
    "customer_group_members",
    Base.metadata,
    Column("group_id", ForeignKey("customer_groups.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "customer_id",
        ForeignKey("customers.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)


class CustomerGroup(TimestampMixin, Base):
    __tablename__ = "customer_groups"
    __table_args__ = (
        UniqueConstraint("tenant_id", "name"),
        CheckConstraint("discount_percent BETWEEN 0 AND 100", name="discount_is_percentage"),
    )

    id: Mapped[PrimaryKey]
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    discount_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2), server_default=sql("0"))

    customers: Mapped[list["Customer"]] = relationship(
        secondary=customer_group_members, back_populates="groups"
    )
