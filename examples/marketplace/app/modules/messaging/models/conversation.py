from datetime import datetime
from typing import TYPE_CHECKING, Optional

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, PrimaryKey, TimestampMixin

if TYPE_CHECKING:
    from app.modules.core.models.user import User
    from app.modules.customers.models.customer import Customer
    from app.modules.orders.models.order import Order
    from app.modules.tenancy.models.store import Store


class Conversation(TimestampMixin, Base):
    __tablename__ = "conversations"
    __table_args__ = (
        Index("ix_conversations_open", "store_id", postgresql_where=sql("closed_at IS NULL")),
    )

    id: Mapped[PrimaryKey]
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    order_id: Mapped[int | None] = mapped_column(
        ForeignKey("orders.id", ondelete="SET NULL"), index=True
    )
    subject: Mapped[str] = mapped_column(String(200))
    closed_at: Mapped[datetime | None]

    store: Mapped["Store"] = relationship()
    customer: Mapped["Customer"] = relationship()
    order: Mapped[Optional["Order"]] = relationship()
    messages: Mapped[list["Message"]] = relationship(
        back_populates="conversation", cascade="all, delete-orphan", order_by="Message.id"
    )


class Message(Base):
    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(author_user_id, author_customer_id) = 1", name="exactly_one_author"
        ),
        CheckConstraint("length(body) BETWEEN 1 AND 10000", name="body_length"),
    )

    id: Mapped[PrimaryKey]
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    author_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author_customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    body: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(server_default=func.now())

    conversation: Mapped[Conversation] = relationship(back_populates="messages")
    author_user: Mapped[Optional["User"]] = relationship()
    author_customer: Mapped[Optional["Customer"]] = relationship()
