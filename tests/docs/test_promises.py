"""Every test that the page of promises names is there."""

from __future__ import annotations

import re

from tests.docs.pages import DOCS, ROOT, Page

PAGE = Page(DOCS / "explanation" / "promises.md")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")


def test_every_test_that_is_named_is_there() -> None:
    named = NAMED.findall(PAGE.text)
    assert len(named) > 30
    missing = []
    for file, test in named:
        path = ROOT / file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if not text or (test and f"def {test}(" not in text):
            missing.append(f"{file}::{test}")
    assert missing == []


def test_every_promise_names_a_test() -> None:
    promises = re.split(r"^## ", PAGE.text, flags=re.MULTILINE)[1:]
    assert [promise.splitlines()[0] for promise in promises if not NAMED.search(promise)] == []
