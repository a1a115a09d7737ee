from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modalembic.errors import DatabaseURLError
from modalembic.postgres.place import ContainerSettings, EmbeddedSettings, open_place

if TYPE_CHECKING:
    from pathlib import Path


def test_a_url_is_handed_on_and_nothing_is_started(data: Path) -> None:
    with open_place(
        " postgres://u:p@h/d ", embedded=EmbeddedSettings(data), container=ContainerSettings()
    ) as url:
        assert url.sqlalchemy == "postgresql+psycopg://u:p@h/d"
    assert not data.exists()


def test_the_word_embedded_starts_the_embedded_server(data: Path) -> None:
    events: list[str] = []
    with open_place(
        "embedded",
        embedded=EmbeddedSettings(data, database="shop"),
        container=ContainerSettings(),
        on_event=events.append,
    ) as url:
        assert url.database == "shop"
        assert (data / "cluster" / "postmaster.pid").exists()
    assert events


@pytest.mark.parametrize("spec", ["embeded", "", "sqlite:///x"])
def test_any_other_word_is_refused_with_the_words_that_there_are(data: Path, spec: str) -> None:
    with (
        pytest.raises(DatabaseURLError) as caught,
        open_place(spec, embedded=EmbeddedSettings(data), container=ContainerSettings()),
    ):
        pass
    assert "embedded, or container" in (caught.value.hint or "")
