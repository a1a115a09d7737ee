"""Every link leads to a page and a heading, and every page can be reached."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import DOCS, ROOT, Page, all_pages


@pytest.mark.parametrize("page", all_pages(), ids=str)
def test_links_resolve(page: Page) -> None:
    broken = []
    for link in page.links:
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = Page((page.path.parent / path).resolve() if path else page.path)
        if not target.path.exists() or (anchor and anchor not in target.anchors):
            broken.append(link)
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    index = Page(DOCS / "index.md")
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in index.links}
    assert {p.path for p in all_pages() if p.path.parent != ROOT} - linked == {index.path}


@pytest.mark.parametrize("page", all_pages(), ids=str)
def test_no_page_names_a_path_of_the_machine_that_wrote_it(page: Page) -> None:
    assert re.findall(r"/(?:tmp|work|home|root)/\S*|\bTODO\b|\{\{", page.text) == []
