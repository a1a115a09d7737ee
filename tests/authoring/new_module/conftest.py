from __future__ import annotations

from pathlib import Path

import pytest

from tests.projects import ProjectFiles


@pytest.fixture(autouse=True)
def _cache_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def shop(tmp_path: Path) -> ProjectFiles:
    """Two modules with a manifest each; billing's head is implied by that of orders."""
    files = ProjectFiles(tmp_path / "shop").configure()
    files.file("app/__init__.py").file("app/modules/__init__.py")
    files.file(
        "app/db.py",
        """
        from sqlalchemy.orm import DeclarativeBase

        class Base(DeclarativeBase):
            pass
        """,
    )
    billing = files.module("billing", tier="core").revision("b1").revision("b2", down="b1")
    billing.file(
        "models.py",
        """
        from app.db import Base
        from sqlalchemy.orm import Mapped, mapped_column

        class Invoice(Base):
            __tablename__ = "invoices"
            id: Mapped[int] = mapped_column(primary_key=True)
        """,
    )
    files.module("orders", requires=["billing"]).revision("o1", depends_on="b2")
    return files
