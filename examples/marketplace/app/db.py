"""The declarative base, its naming convention, and sessions."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Engine,
    Enum,
    Identity,
    MetaData,
    Numeric,
    create_engine,
    func,
    make_url,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from app.config import load_settings

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        Decimal: Numeric(12, 2),
        dict[str, Any]: JSONB(),
    }


PrimaryKey = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]


class TimestampMixin:
    """`sort_order` keeps the two columns behind those of the class itself."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=900)
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now(), sort_order=901
    )


def pg_enum(labels: type[enum.StrEnum], name: str) -> Enum:
    """A Postgres enum with the values as its labels, not the names of the Python members."""
    return Enum(
        labels,
        name=name,
        metadata=Base.metadata,
        values_callable=lambda members: [member.value for member in members],
    )


SessionFactory = sessionmaker(expire_on_commit=False)


@lru_cache(maxsize=1)
def get_engine() -> Engine:
    # Without a driver in the URL, SQLAlchemy 2.0 would look for psycopg2.
    url = make_url(load_settings().database_url)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, pool_pre_ping=True)


@contextmanager
def session_scope() -> Iterator[Session]:
    """A session that commits at the end of the block, or rolls back."""
    if SessionFactory.kw.get("bind") is None:
        SessionFactory.configure(bind=get_engine())
    with SessionFactory.begin() as session:
        yield session


def get_session() -> Iterator[Session]:
    """The session of one request."""
    with session_scope() as session:
        yield session
