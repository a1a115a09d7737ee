from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.exceptions import ConversationClosedError
from app.models import Conversation, Customer, Message, User

if TYPE_CHECKING:
    from app.models import Order, Store


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
