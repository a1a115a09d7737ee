from app.modules.marketplace.models.category import Category, product_categories
from app.modules.marketplace.models.listing import Listing, ListingStatus, Offer
from app.modules.marketplace.models.product import Product, ProductVariant
from app.modules.marketplace.models.review import ProductReview
from app.modules.marketplace.models.vendor import Vendor

__all__ = [
    "Category",
    "Listing",
    "ListingStatus",
    "Offer",
    "Product",
    "ProductReview",
    "ProductVariant",
    "Vendor",
    "product_categories",
]
