"""Objects and contexts that the configuration names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modalembic.errors import (
    ApplicationContextError,
    ConfigurationError,
    ImportFailed,
    ObjectNotFound,
)
from modalembic.runtime.models.application import application_context, load_object
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten

CONTEXTS = """
    from contextlib import asynccontextmanager, contextmanager

    log = []

    @contextmanager
    def opened():
        log.append("entered")
        try:
            yield
        finally:
            log.append("left")

    instance = opened()

    class Held:
        def __enter__(self):
            log.append("held")
        def __exit__(self, *error):
            log.append(error[0])
            return True

    def undecorated():
        yield

    @asynccontextmanager
    async def asynchronous():
        yield

    def fail():
        raise KeyError

    def failing():
        raise RuntimeError("no settings")

    class holder:
        inner = opened

    class Application:  # as Flask has it: callable too, with a request
        def __call__(self, environ, start_response):
            raise NotImplementedError
        def app_context(self):
            return opened()

    application = Application()

    def create_app():
        return application
"""


@pytest.fixture(autouse=True)
def _own_application() -> Iterator[None]:
    with forgotten("app"):
        yield


@pytest.fixture
def shop(tmp_path: Path) -> ProjectFiles:
    project = ProjectFiles(tmp_path / "shop")
    return project.file("app/__init__.py").file("app/db.py", CONTEXTS)


def with_context(project: ProjectFiles, context: str) -> ProjectFiles:
    return project.configure(f'modules = []\ncontext = "app.db:{context}"')


def test_an_object_is_found_by_module_and_attributes(shop: ProjectFiles) -> None:
    before = list(sys.path)
    assert load_object("app.db:log", [shop.root]) == []
    assert callable(load_object("app.db:holder.inner", [shop.root]))
    assert sys.path == before


@pytest.mark.parametrize("spec", ["app.db", "app.db:", ":log", "app..db:log", "app.db:log()"])
def test_what_names_no_object_is_refused(spec: str) -> None:
    with pytest.raises(ConfigurationError, match="names no object"):
        load_object(spec, [])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("app.nothing:log", "'app.nothing:log': there is no module 'app.nothing'"),
        ("nothing_at_all.db:log", "there is no module 'nothing_at_all'"),
        ("app.db:nothing", "app.db has no nothing"),
        ("app.db:holder.nothing", "app.db has no holder.nothing"),
    ],
)
def test_what_is_not_there_is_named_with_the_line_that_names_it(
    shop: ProjectFiles, spec: str, message: str
) -> None:
    with pytest.raises(ObjectNotFound) as raised:
        load_object(spec, [shop.root], named_in=Path("pyproject.toml"), line=3)
    assert message in raised.value.message
    assert raised.value.where == "pyproject.toml:3"


def test_a_module_that_raises_is_named_with_its_own_line(shop: ProjectFiles) -> None:
    shop.file("app/bad.py", "import json\n\njson.loads('{')\n")
    with pytest.raises(ImportFailed) as raised:
        load_object("app.bad:x", [shop.root])
    assert raised.value.where == f"{shop.root / 'app/bad.py'}:3"
    assert raised.value.message.startswith("app.bad cannot be imported: JSONDecodeError: ")


def test_without_a_context_nothing_is_entered(shop: ProjectFiles) -> None:
    before = list(sys.path)
    with application_context(shop.configure("modules = []").load()):
        assert sys.path == before


@pytest.mark.parametrize(
    "context", ["opened", "instance", "holder.inner", "application", "create_app"]
)
def test_a_context_is_entered_around_the_block_with_the_search_path(
    shop: ProjectFiles, context: str
) -> None:
    project = with_context(shop, context).load()
    with application_context(project):
        assert str(shop.root) in sys.path
        log = sys.modules["app.db"].log
        assert log == ["entered"]
    assert log == ["entered", "left"]
    assert str(shop.root) not in sys.path


def test_an_exception_of_the_block_goes_through_the_context(shop: ProjectFiles) -> None:
    with pytest.raises(KeyError), application_context(with_context(shop, "opened").load()):
        raise KeyError
    assert sys.modules["app.db"].log == ["entered", "left"]
    with application_context(with_context(shop, "Held").load()):  # which takes exceptions in
        sys.modules["app.db"].fail()
    assert sys.modules["app.db"].log[2:] == ["held", KeyError]


@pytest.mark.parametrize(
    ("context", "message", "hint"),
    [
        ("log", "gives list, which is no context manager", "it has to be a context manager"),
        ("undecorated", "gives generator", "is @contextlib.contextmanager missing?"),
        ("asynchronous", "which is no context manager", "not async"),
        ("failing", "cannot be entered: RuntimeError: no settings", "--debug"),
    ],
)
def test_a_context_that_is_none_is_refused(
    shop: ProjectFiles, context: str, message: str, hint: str
) -> None:
    with (
        pytest.raises(ApplicationContextError) as raised,
        application_context(with_context(shop, context).load()),
    ):
        pass
    assert message in raised.value.message
    assert hint in (raised.value.hint or "")
    assert raised.value.line is not None
