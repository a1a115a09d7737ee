"""The examples are applications: they start without a database, and their own tests pass."""

from __future__ import annotations

import pytest

from tests.examples.shops import MARKETPLACE, MONOLITH, Shop

both = pytest.mark.parametrize("shop", [MONOLITH, MARKETPLACE], ids=lambda shop: shop.name)


@both
def test_the_application_starts_without_a_database(shop: Shop) -> None:
    shop.python("postgresql://nowhere.invalid/shop", "-c", "import app.main, app.celery_app")


@pytest.mark.slow
@both
def test_its_own_tests_pass(shop: Shop, database_url: str) -> None:
    report = shop.python(database_url, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert " passed" in report
    assert "skipped" not in report


@both
def test_without_a_database_its_tests_are_skipped_with_a_reason(shop: Shop) -> None:
    report = shop.python(None, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider")

    assert "DATABASE_URL is not set" in report
