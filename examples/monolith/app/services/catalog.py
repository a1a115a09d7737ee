from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from app.models import (
    Category,
    Listing,
    ListingStatus,
    Product,
    ProductVariant,
    Store,
    Vendor,
    product_categories,
)


def add_product(
    session: Session, vendor: Vendor, slug: str, name: str, prices: dict[str, Decimal]
) -> Product:
    """A product with one variant per SKU in `prices`."""
    product = Product(vendor=vendor, slug=slug, name=name)
    product.variants = [
        ProductVariant(sku=sku, name=sku, list_price=price) for sku, price in prices.items()
    ]
    session.add(product)
    session.flush()
    return product


def list_variant(
    session: Session, store: Store, variant: ProductVariant, price: Decimal | None = None
) -> Listing:
    listing = Listing(
        store=store,
        variant=variant,
        price=variant.list_price if price is None else price,
        status=ListingStatus.ACTIVE,
    )
    session.add(listing)
    session.flush()
    return listing


def active_listings(
    session: Session, store_id: int, *, search: str | None = None, category: str | None = None
) -> list[Listing]:
    query = (
        select(Listing)
        .join(Listing.variant)
        .join(ProductVariant.product)
        .where(Listing.store_id == store_id, Listing.status == ListingStatus.ACTIVE)
        .options(contains_eager(Listing.variant).contains_eager(ProductVariant.product))
        .order_by(Product.name, ProductVariant.sku)
    )
    if search:
        # The expression of ix_products_search, so that the index is used.
        document = func.to_tsvector("simple", Product.name + " " + Product.description)
        query = query.where(document.bool_op("@@")(func.plainto_tsquery("simple", search)))
    if category:
        query = (
            query.join(product_categories, product_categories.c.product_id == Product.id)
            .join(Category, Category.id == product_categories.c.category_id)
            .where(Category.slug == category)
        )
    return list(session.scalars(query))
