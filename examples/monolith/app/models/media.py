from typing import TYPE_CHECKING, Optional

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin

if TYPE_CHECKING:
    from app.models.user import User


class MediaFile(TimestampMixin, Base):
    """An uploaded file; the bytes are in object storage under `storage_key`."""

    __tablename__ = "media_files"
    __table_args__ = (CheckConstraint("byte_size >= 0", name="byte_size_not_negative"),)

    id: Mapped[PrimaryKey]
    storage_key: Mapped[str] = mapped_column(String(255), unique=True)
    content_type: Mapped[str] = mapped_column(String(100))
    byte_size: Mapped[int] = mapped_column(BigInteger)
    alt_text: Mapped[str | None] = mapped_column(String(255))
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    uploaded_by: Mapped[Optional["User"]] = relationship()
