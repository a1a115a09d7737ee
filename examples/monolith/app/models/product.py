from decimal import Decimal
from typing import TYPE_CHECKING, Any, Optional

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin

if TYPE_CHECKING:
    from app.models.category import Category
    from app.models.media import MediaFile
    from app.models.vendor import Vendor


class Product(TimestampMixin, Base):
    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("vendor_id", "slug"),
        Index("ix_products_attributes", "attributes", postgresql_using="gin"),
        Index(
            "ix_products_search",
            sql("to_tsvector('simple'::regconfig, (name::text || ' '::text) || description)"),
            postgresql_using="gin",
        ),
    )

    id: Mapped[PrimaryKey]
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendors.id"))
    image_id: Mapped[int | None] = mapped_column(ForeignKey("media_files.id", ondelete="SET NULL"))
    slug: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    attributes: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))

    vendor: Mapped["Vendor"] = relationship(back_populates="products")
    image: Mapped[Optional["MediaFile"]] = relationship()
    variants: Mapped[list["ProductVariant"]] = relationship(
        back_populates="product", cascade="all, delete-orphan"
    )
    categories: Mapped[list["Category"]] = relationship(
        secondary="product_categories", back_populates="products"
    )


class ProductVariant(TimestampMixin, Base):
    __tablename__ = "product_variants"
    __table_args__ = (
        CheckConstraint("list_price >= 0", name="list_price_not_negative"),
        CheckConstraint("weight_grams > 0", name="weight_positive"),
        Index(
            "ix_product_variants_barcode",
            "barcode",
            postgresql_ops={"barcode": "varchar_pattern_ops"},
            postgresql_include=["product_id"],
        ),
    )

    id: Mapped[PrimaryKey]
    product_id: Mapped[int] = mapped_column(
        ForeignKey("products.id", ondelete="CASCADE"), index=True
    )
    sku: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    list_price: Mapped[Decimal]
    weight_grams: Mapped[int | None]
    barcode: Mapped[str | None] = mapped_column(String(14, collation="C"))

    product: Mapped[Product] = relationship(back_populates="variants")
