import enum
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Optional

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    func,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.models.customer_group import CustomerGroup
    from app.models.product import ProductVariant
    from app.models.store import Store


class ListingStatus(enum.StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Listing(TimestampMixin, Base):
    """A variant on sale in a store, at that store's price."""

    __tablename__ = "listings"
    __table_args__ = (
        UniqueConstraint("store_id", "variant_id"),
        CheckConstraint("price >= 0", name="price_not_negative"),
        Index("ix_listings_active", "store_id", postgresql_where=sql("status = 'active'")),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    variant_id: Mapped[int] = mapped_column(ForeignKey("product_variants.id"), index=True)
    price: Mapped[Decimal]
    status: Mapped[ListingStatus] = mapped_column(
        pg_enum(ListingStatus, "listing_status"), server_default=sql("'draft'")
    )

    store: Mapped["Store"] = relationship()
    variant: Mapped["ProductVariant"] = relationship()
    offers: Mapped[list["Offer"]] = relationship(back_populates="listing")


class Offer(TimestampMixin, Base):
    """A lower price for a while: for everyone, or for one group of customers."""

    __tablename__ = "offers"
    __table_args__ = (
        CheckConstraint(
            "discount_percent > 0 AND discount_percent <= 100", name="discount_is_percentage"
        ),
        CheckConstraint("valid_until > valid_from", name="validity_in_order"),
        Index(
            "uq_offers_code_upper",
            sql("upper(code)"),
            unique=True,
            postgresql_where=sql("code IS NOT NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    listing_id: Mapped[int] = mapped_column(
        ForeignKey("listings.id", ondelete="CASCADE"), index=True
    )
    customer_group_id: Mapped[int | None] = mapped_column(
        ForeignKey("customer_groups.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[str | None] = mapped_column(
        String(40), comment="What the customer types in; NULL: applied by itself"
    )
    discount_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    valid_from: Mapped[datetime] = mapped_column(server_default=func.now())
    valid_until: Mapped[datetime | None]

    listing: Mapped[Listing] = relationship(back_populates="offers")
    customer_group: Mapped[Optional["CustomerGroup"]] = relationship()
