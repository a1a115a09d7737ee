from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from modalembic.runtime.cache import store as module
from modalembic.runtime.cache.store import Store, digest

KEY = digest("a key")
DAY = 24 * 3600


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "catalogs")


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "catalogs").iterdir())


def test_what_is_put_is_found(store: Store) -> None:
    store.put("models", KEY, {"of": "x"}, {"name": "naïve \ud800"})

    entry = store.find("models", KEY)
    assert entry is not None
    assert (entry.about, entry.body) == ({"of": "x"}, {"name": "naïve \ud800"})
    assert store.find("migrations", KEY) is None
    assert store.find("models", digest("another")) is None


def test_the_newest_that_suits_is_found(store: Store, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        store.put("models", KEY, {"number": number}, {})
        for file in files(tmp_path):
            os.utime(file, (time.time() - 10 + number,) * 2)

    entry = store.find("models", KEY, lambda about: about["number"] < 3)
    assert entry is not None
    assert entry.about["number"] == 2


def test_nothing_is_kept_without_a_directory() -> None:
    store = Store(None)
    store.put("models", KEY, {}, {})

    assert not store.keeps
    assert store.find("models", KEY) is None


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]\n[]\n[]\n", '{"format":1,"digest":"0"}\n{}\n{}\n', "\udcff", "[" * 100_000],
    ids=["empty", "short", "lists", "another digest", "no text", "deep"],
)
def test_a_damaged_file_is_no_entry(store: Store, tmp_path: Path, text: str) -> None:
    store.put("models", KEY, {}, {})
    (file,) = files(tmp_path)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))

    assert store.find("models", KEY) is None


def test_every_byte_counts(store: Store, tmp_path: Path) -> None:
    store.put("models", KEY, {"of": "x"}, {"name": "people"})
    (file,) = files(tmp_path)
    content = file.read_bytes()
    for place in range(len(content) - 1):  # the last one ends the line
        file.write_bytes(content[:place] + b"#" + content[place + 1 :])
        assert store.find("models", KEY) is None


def test_a_directory_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "catalogs")
    store.put("models", KEY, {}, {})

    assert store.find("models", KEY) is None


def test_what_nobody_uses_goes(store: Store, tmp_path: Path) -> None:
    store.put("models", digest("old"), {}, {})
    store.put("models", digest("used"), {}, {})
    for file in files(tmp_path):
        os.utime(file, (time.time() - 31 * DAY,) * 2)
    store.find("models", digest("used"))
    store.put("models", digest("new"), {}, {})

    assert store.find("models", digest("old")) is None
    assert store.find("models", digest("used")) is not None
    assert store.find("models", digest("new")) is not None


@pytest.mark.parametrize(("limit", "most"), [("MOST_FILES", 3), ("MOST_BYTES", 700)])
def test_the_oldest_of_too_much_goes(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(module, limit, most)
    for number in range(6):
        store.put("models", digest(str(number)), {}, {"text": "x" * 100})
        for file in files(tmp_path):
            os.utime(file, (file.stat().st_mtime - 1,) * 2)

    kept = [n for n in range(6) if store.find("models", digest(str(n))) is not None]
    assert kept
    assert len(kept) <= 3
    assert kept[-1] == 5
    assert kept == list(range(kept[0], 6))


def test_what_a_run_that_died_left_goes(store: Store, tmp_path: Path) -> None:
    (tmp_path / "catalogs").mkdir()
    old, young = tmp_path / "catalogs" / ".new-old", tmp_path / "catalogs" / ".new-young"
    for file, age in ((old, 2 * 3600), (young, 60)):
        file.touch()
        os.utime(file, (time.time() - age,) * 2)
    store.put("models", KEY, {}, {})

    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.skipif(os.name != "posix", reason="has no such modes")
def test_nobody_else_can_read_it(store: Store, tmp_path: Path) -> None:
    store.put("models", KEY, {}, {})

    assert (tmp_path / "catalogs").stat().st_mode & 0o777 == 0o700
    assert files(tmp_path)[0].stat().st_mode & 0o777 == 0o600
