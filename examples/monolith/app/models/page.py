import enum
from datetime import datetime
from typing import TYPE_CHECKING, Optional

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin, pg_enum

if TYPE_CHECKING:
    from app.models.media import MediaFile
    from app.models.store import Store
    from app.models.user import User


class PageStatus(enum.StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class ContentPage(TimestampMixin, Base):
    __tablename__ = "content_pages"
    __table_args__ = (
        UniqueConstraint("store_id", "slug"),
        CheckConstraint(
            "status <> 'published' OR published_at IS NOT NULL", name="published_has_date"
        ),
        Index(
            "ix_content_pages_published",
            "store_id",
            "published_at",
            postgresql_where=sql("status = 'published'"),
        ),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    hero_image_id: Mapped[int | None] = mapped_column(
        ForeignKey("media_files.id", ondelete="SET NULL")
    )
    slug: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    status: Mapped[PageStatus] = mapped_column(
        pg_enum(PageStatus, "page_status"), server_default=sql("'draft'")
    )
    published_at: Mapped[datetime | None]

    store: Mapped["Store"] = relationship()
    author: Mapped[Optional["User"]] = relationship()
    hero_image: Mapped[Optional["MediaFile"]] = relationship()
