from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.modules.customers.models import Customer
from app.modules.marketplace.models import Product, ProductReview


def review(
    session: Session, product: Product, customer: Customer, rating: int, body: str | None = None
) -> ProductReview:
    """Reviews with a text wait for a moderator; a bare rating is published at once."""
    made = ProductReview(
        product=product, customer=customer, rating=rating, body=body, is_published=not body
    )
    session.add(made)
    session.flush()
    return made


def average_rating(session: Session, product: Product) -> Decimal | None:
    return session.scalar(
        select(func.round(func.avg(ProductReview.rating), 1)).where(
            ProductReview.product_id == product.id, ProductReview.is_published
        )
    )
