"""CHECKs."""

from __future__ import annotations

from tests.checks.true_changes.change import TrueChange, change, error, warning

CHANGES: list[TrueChange] = [
    change(
        "CHECK: missing",
        "ALTER TABLE listings DROP CONSTRAINT ck_listings_price_not_negative",
        error(
            "constraint",
            "public.listings.ck_listings_price_not_negative",
            None,
            "marketplace",
            "0bac5cca02de",
        ),
    ),
    change(
        "CHECK: expression",
        (
            "ALTER TABLE listings DROP CONSTRAINT ck_listings_price_not_negative, ADD "
            "CONSTRAINT ck_listings_price_not_negative CHECK (price > 0)"
        ),
        error(
            "constraint",
            "public.listings.ck_listings_price_not_negative",
            "expression",
            "marketplace",
            "0bac5cca02de",
        ),
    ),
    change(
        "CHECK: extra",
        "ALTER TABLE listings ADD CONSTRAINT ck_listings_cheap CHECK (price < 100000)",
        error(
            "constraint", "public.listings.ck_listings_cheap", None, "marketplace", "0bac5cca02de"
        ),
    ),
    change(
        "CHECK: name",
        "ALTER TABLE listings RENAME CONSTRAINT ck_listings_price_not_negative TO price_ok",
        warning(
            "constraint",
            "public.listings.ck_listings_price_not_negative",
            "name",
            "marketplace",
            "0bac5cca02de",
        ),
    ),
    change(
        "CHECK: not valid",
        (
            "ALTER TABLE listings DROP CONSTRAINT ck_listings_price_not_negative, ADD "
            "CONSTRAINT ck_listings_price_not_negative CHECK (price >= 0) NOT VALID"
        ),
        error(
            "constraint",
            "public.listings.ck_listings_price_not_negative",
            "valid",
            "marketplace",
            "0bac5cca02de",
        ),
    ),
    change(
        "CHECK: not inherited",
        (
            "ALTER TABLE listings DROP CONSTRAINT ck_listings_price_not_negative, ADD "
            "CONSTRAINT ck_listings_price_not_negative CHECK (price >= 0) NO INHERIT"
        ),
        error(
            "constraint",
            "public.listings.ck_listings_price_not_negative",
            "inherits",
            "marketplace",
            "0bac5cca02de",
        ),
    ),
    change(
        "CHECK: not enforced",
        (
            "ALTER TABLE listings DROP CONSTRAINT ck_listings_price_not_negative, ADD "
            "CONSTRAINT ck_listings_price_not_negative CHECK (price >= 0) NOT ENFORCED"
        ),
        error(
            "constraint",
            "public.listings.ck_listings_price_not_negative",
            "enforced",
            "marketplace",
            "0bac5cca02de",
        ),
        error(
            "constraint",
            "public.listings.ck_listings_price_not_negative",
            "valid",
            "marketplace",
            "0bac5cca02de",
        ),
        since=18,
    ),
    change(
        "CHECK: comment",
        "COMMENT ON CONSTRAINT ck_listings_price_not_negative ON listings IS 'Or a gift'",
        warning(
            "constraint",
            "public.listings.ck_listings_price_not_negative",
            "comment",
            "marketplace",
            "0bac5cca02de",
        ),
    ),
]
