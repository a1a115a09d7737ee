"""A span for a run, and one for each revision in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

import modalembic as api
from modalembic.errors import MigrationFailed, UnknownTarget
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.environment.templates import template_directory
from tests.projects import ProjectFiles
from tests.runtime.support import body, execute, new_project, sql, table

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan


@pytest.fixture(scope="module")
def _exporter() -> InMemorySpanExporter:
    """The provider of a process can be set once."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
def spans(_exporter: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    _exporter.clear()
    yield _exporter
    _exporter.clear()


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = new_project(tmp_path)
    module = project.module("billing").revision("b1", **table("one"))
    module.revision("b2", down="b1", upgrade=sql("ALTER TABLE one ADD c int"))
    return project


def named(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans.get_finished_spans()}


def attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_a_run_has_one_and_each_revision_has_one_below_it(
    project: ProjectFiles, database_url: str, spans: InMemorySpanExporter
) -> None:
    result = api.upgrade(project.load(), database=database_url)
    found = named(spans)
    run, first = found["modalembic upgrade"], found["upgrade billing b1"]
    common = {
        "db.system.name": "postgresql",
        "db.namespace": DatabaseURL.parse(database_url).database,
        "modalembic.run_id": result.run_id,
        "modalembic.target": "heads",
    }
    assert attributes(run) == {**common, "modalembic.revisions": 2}
    assert attributes(first) == {
        **common,
        "modalembic.revision": "b1",
        "modalembic.module": "billing",
        "modalembic.direction": "upgrade",
        "modalembic.attempt": 1,
    }
    assert len(found) == 3
    assert first.parent is not None
    assert first.parent.span_id == run.context.span_id
    assert run.parent is None
    assert {span.status.status_code for span in found.values()} == {StatusCode.UNSET}


def test_held_locks_are_events_of_it(
    project: ProjectFiles,
    database_url: str,
    spans: InMemorySpanExporter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("modalembic.runtime.watch.held.PRECISION", 0.0)
    api.upgrade(project.load(), database=database_url)
    (event,) = named(spans)["upgrade billing b2"].events
    assert event.name == "lock held"
    assert dict(event.attributes or {})["table"] == "public.one"


def test_what_a_revision_traces_itself_is_below_its_own(
    project: ProjectFiles, database_url: str, spans: InMemorySpanExporter
) -> None:
    project.module("billing").revision(
        "b2",
        down="b1",
        upgrade="from opentelemetry import trace\n"
        "trace.get_tracer('shop').start_span('backfill').end()",
    )
    with trace.get_tracer("tests").start_as_current_span("deployment"):
        api.upgrade(project.load(), database=database_url)
    found = named(spans)
    backfill, run = found["backfill"], found["modalembic upgrade"]
    assert backfill.parent is not None
    assert backfill.parent.span_id == found["upgrade billing b2"].context.span_id
    assert run.parent is not None
    assert run.parent.span_id == found["deployment"].context.span_id


def test_a_failure_is_recorded_in_both(
    project: ProjectFiles, database_url: str, spans: InMemorySpanExporter
) -> None:
    project.module("billing").revision(
        "b2", down="b1", upgrade='raise ValueError("postgresql://me:hunter22@db/shop")'
    )
    with pytest.raises(MigrationFailed):
        api.upgrade(project.load(), database=database_url)
    found = named(spans)
    assert found["upgrade billing b1"].status.status_code == StatusCode.UNSET
    for name in ("upgrade billing b2", "modalembic upgrade"):
        span = found[name]
        assert span.status.status_code == StatusCode.ERROR
        assert attributes(span)["error.type"] == "migration-failed"
        (event,) = span.events
        recorded = dict(event.attributes or {})
        assert event.name == "exception"
        assert recorded["exception.type"] == "modalembic.errors.MigrationFailed"
        assert "postgresql://me:***@db/shop" in str(recorded["exception.message"])
        assert "hunter22" not in str(recorded) + str(span.status.description)
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_an_attempt_that_was_given_up_is_an_event(
    project: ProjectFiles, database_url: str, spans: InMemorySpanExporter
) -> None:
    execute(database_url, "CREATE SEQUENCE tries")
    refuse = "DO $$ BEGIN IF nextval('tries') = 1 THEN RAISE SQLSTATE '55P03'; END IF; END $$"
    project.module("billing").revision("b2", down="b1", upgrade=sql(refuse))
    api.upgrade(project.load(), database=database_url)
    span = named(spans)["upgrade billing b2"]
    assert attributes(span)["modalembic.attempt"] == 2
    (event,) = span.events
    assert dict(event.attributes or {})["reason"] == "a lock was not to be had"


def test_a_run_that_fails_before_it_has_a_plan_has_one(
    project: ProjectFiles, database_url: str, spans: InMemorySpanExporter
) -> None:
    with pytest.raises(UnknownTarget):
        api.upgrade(project.load(), "nowhere", database=database_url)
    (span,) = spans.get_finished_spans()
    assert attributes(span)["error.type"] == "unknown-target"


def test_a_run_with_nothing_to_do_has_none(
    project: ProjectFiles, database_url: str, spans: InMemorySpanExporter
) -> None:
    api.upgrade(project.load(), database=database_url)
    spans.clear()
    api.upgrade(project.load(), database=database_url)
    assert spans.get_finished_spans() == ()


def test_a_downgrade_and_a_stamp_have_theirs(
    project: ProjectFiles, database_url: str, spans: InMemorySpanExporter
) -> None:
    api.upgrade(project.load(), "b1", database=database_url)
    api.downgrade(project.load(), "base", database=database_url)
    api.stamp(project.load(), ["heads"], database=database_url)
    assert {"modalembic downgrade", "downgrade billing b1", "modalembic stamp"} <= set(named(spans))


def test_an_asynchronous_env_py_is_no_exception(
    project: ProjectFiles,
    database_url: str,
    spans: InMemorySpanExporter,
    caplog: pytest.LogCaptureFixture,
) -> None:
    env = (template_directory("modular-async") / "env.py").read_text(encoding="utf-8")
    project.file("migrations/env.py", env)
    project.module("billing").revision("b2", down="b1", upgrade="1 / 0")
    url = database_url.replace("postgresql://", "postgresql+asyncpg://")
    with pytest.raises(MigrationFailed):
        api.upgrade(project.load(), database=url)
    assert {"upgrade billing b1", "upgrade billing b2"} <= set(named(spans))
    # OpenTelemetry logs a context that is given back in another one.
    assert not [record for record in caplog.records if record.name.startswith("opentelemetry")]


def test_without_the_package_there_are_none(project: ProjectFiles, database_url: str) -> None:
    program = body(f"""
        import sys
        sys.modules["opentelemetry"] = None
        import modalembic
        project = modalembic.Project.load({str(project.root)!r})
        modalembic.upgrade(project, database={database_url!r})
        try:
            modalembic.upgrade(project, "nowhere", database={database_url!r})
        except modalembic.ModalembicError:
            print("as ever")
    """)
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "as ever\n"), ended.stderr


def test_a_run_with_nothing_to_do_does_not_even_look_for_the_package(
    project: ProjectFiles, database_url: str
) -> None:
    api.upgrade(project.load(), database=database_url)
    program = body(f"""
        import sys
        import modalembic
        project = modalembic.Project.load({str(project.root)!r})
        modalembic.upgrade(project, database={database_url!r})
        print([name for name in sys.modules if name.startswith("opentelemetry")])
    """)
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "[]\n"), ended.stderr
