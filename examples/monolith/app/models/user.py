from datetime import datetime

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, String, Table, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin

user_roles = Table(
    "user_roles",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
    Column("granted_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
)


class User(TimestampMixin, Base):
    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("position('@' in email) > 1", name="email_has_at"),
        CheckConstraint("locale ~ '^[a-z]{2}(-[A-Z]{2})?$'", name="locale_format"),
        Index("uq_users_email_lower", sql("lower(email)"), unique=True),
        {"comment": "People who sign in: staff of the platform and of its tenants"},
    )

    id: Mapped[PrimaryKey]
    email: Mapped[str] = mapped_column(String(254))
    display_name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(
        String(255), comment="NULL for users who sign in through their tenant's identity provider"
    )
    is_active: Mapped[bool] = mapped_column(server_default=sql("true"))
    locale: Mapped[str] = mapped_column(String(5), server_default=sql("'en'"))
    last_seen_at: Mapped[datetime | None]

    roles: Mapped[list["Role"]] = relationship(secondary=user_roles, back_populates="users")


class Role(TimestampMixin, Base):
    __tablename__ = "roles"

    id: Mapped[PrimaryKey]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))

    users: Mapped[list[User]] = relationship(secondary=user_roles, back_populates="roles")
