from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.db import get_session
from app.modules.core.models import User
from app.modules.core.schemas.user import UserCreate, UserRead
from app.modules.core.services.users import create_user

router = APIRouter(prefix="/users", tags=["users"])


@router.post("", status_code=201, response_model=UserRead)
def post_user(body: UserCreate, session: Annotated[Session, Depends(get_session)]) -> User:
    return create_user(session, body.email, body.display_name, body.locale)
