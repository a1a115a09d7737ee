from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.exceptions import ConflictError
from app.models import Role, User
from app.services import audit


def find_user(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(func.lower(User.email) == email.lower()))


def create_user(session: Session, email: str, display_name: str, locale: str = "en") -> User:
    if find_user(session, email) is not None:
        raise ConflictError(f"A user with the address {email} exists already.")
    user = User(email=email, display_name=display_name, locale=locale)
    session.add(user)
    session.flush()
    audit.record(session, "user.created", user)
    return user


def grant_role(session: Session, user: User, code: str) -> None:
    role = session.scalar(select(Role).where(Role.code == code))
    if role is None:
        role = Role(code=code, name=code.replace("_", " ").capitalize())
    if role not in user.roles:
        user.roles.append(role)
        session.flush()
        audit.record(session, "user.role_granted", user, role=code)
