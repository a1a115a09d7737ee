from typing import TYPE_CHECKING, Any, Optional

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin

if TYPE_CHECKING:
    from app.models.tenant import Tenant


class Theme(TimestampMixin, Base):
    __tablename__ = "themes"
    __table_args__ = (
        # Codes are unique per tenant, and among the themes that the platform ships.
        Index("uq_themes_owner_code", sql("COALESCE(tenant_id, 0)"), "code", unique=True),
    )

    id: Mapped[PrimaryKey]
    tenant_id: Mapped[int | None] = mapped_column(
        ForeignKey("tenants.id", ondelete="CASCADE"), comment="NULL: shipped with the platform"
    )
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    palette: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))

    tenant: Mapped[Optional["Tenant"]] = relationship()
