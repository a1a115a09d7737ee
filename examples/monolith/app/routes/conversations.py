from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.db import get_session
from app.exceptions import NotFoundError
from app.models import Conversation
from app.schemas.conversation import ConversationRead

router = APIRouter(prefix="/conversations", tags=["messaging"])


@router.get("/{conversation_id}", response_model=ConversationRead)
def get_conversation(
    conversation_id: int, session: Annotated[Session, Depends(get_session)]
) -> Conversation:
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFoundError(f"There is no conversation {conversation_id}.")
    return conversation
