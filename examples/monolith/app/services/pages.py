from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exceptions import PageNotFoundError
from app.models import ContentPage, PageStatus, Store, User


def create_page(
    session: Session, store: Store, slug: str, title: str, body: str, author: User | None = None
) -> ContentPage:
    page = ContentPage(store=store, slug=slug, title=title, body=body, author=author)
    session.add(page)
    session.flush()
    return page


def publish_page(session: Session, page: ContentPage) -> None:
    page.status = PageStatus.PUBLISHED
    page.published_at = page.published_at or datetime.now(UTC)
    session.flush()


def get_published_page(session: Session, store_id: int, slug: str) -> ContentPage:
    page = session.scalar(
        select(ContentPage).where(
            ContentPage.store_id == store_id,
            ContentPage.slug == slug,
            ContentPage.status == PageStatus.PUBLISHED,
        )
    )
    if page is None:
        raise PageNotFoundError(f"This store has no page {slug}.")
    return page
