from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.modules.core.models import User
from app.modules.customers.models import Customer
from app.modules.messaging.exceptions import ConversationClosedError
from app.modules.messaging.models import Conversation, Message

if TYPE_CHECKING:
    from app.modules.orders.models import Order
    from app.modules.tenancy.models import Store


def start_conversation(
    session: Session,
    store: "Store",
    customer: Customer,
    subject: str,
    body: str,
    order: "Order | None" = None,
) -> Conversation:
    conversation = Conversation(store=store, customer=customer, order=order, subject=subject)
    conversation.messages.append(Message(author_customer=customer, body=body))
    session.add(conversation)
    session.flush()
    return conversation


def reply(
    session: Session, conversation: Conversation, author: User | Customer, body: str
) -> Message:
    if conversation.closed_at is not None:
        raise ConversationClosedError("The conversation is closed.")
    message = Message(body=body)
    if isinstance(author, User):
        message.author_user = author
    else:
        message.author_customer = author
    conversation.messages.append(message)
    session.flush()
    return message


def close(session: Session, conversation: Conversation) -> None:
    conversation.closed_at = conversation.closed_at or datetime.now(UTC)
    session.flush()
