from datetime import datetime

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, PrimaryKey


class RequestSample(Base):
    """One request of a hundred. Partitions are made by migrations, a year ahead."""

    __tablename__ = "request_samples"
    __table_args__ = (
        CheckConstraint("milliseconds >= 0", name="not_negative"),
        Index("ix_request_samples_route", "route", "sampled_at"),
        {"postgresql_partition_by": "RANGE (sampled_at)"},
    )

    id: Mapped[PrimaryKey]
    sampled_at: Mapped[datetime] = mapped_column(server_default=func.now(), primary_key=True)
    route: Mapped[str] = mapped_column(String(200))
    status: Mapped[int] = mapped_column(SmallInteger)
    milliseconds: Mapped[int]
