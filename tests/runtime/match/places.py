"""A project for tests of matching, and what they do to databases."""

from __future__ import annotations

from pathlib import Path

from tests.projects import ProjectFiles
from tests.runtime.support import (
    Result,
    done,
    execute,
    modalembic,
    new_project,
    sql,
    versions,
)

STATES = "CHECK (state IN ('open', 'paid'))"


def shop(directory: Path) -> ProjectFiles:
    """Orders are built on billing and go on with its table; cms stands alone.

    b3 changes rows, m2 is empty; both leave no trace in a catalog.
    """
    project = new_project(directory)
    billing = project.module("billing")
    billing.revision(
        "b1",
        upgrade=sql(f"CREATE TABLE invoices (id serial PRIMARY KEY, state varchar(9) {STATES})"),
    )
    billing.revision("b2", down="b1", upgrade=sql("ALTER TABLE invoices ADD net numeric DEFAULT 0"))
    billing.revision("b3", down="b2", upgrade=sql("UPDATE invoices SET net = 1"))
    billing.revision("b4", down="b3", upgrade=sql("CREATE INDEX ix_net ON invoices (net)"))
    orders = project.module("orders", requires=["billing"])
    orders.revision(
        "o1",
        depends_on="b1",
        upgrade=sql(
            "CREATE TABLE orders (id int PRIMARY KEY, invoice_id int REFERENCES invoices)",
            "CREATE VIEW due AS SELECT id FROM invoices WHERE state = 'open'",
        ),
    )
    orders.revision("o2", down="o1", upgrade=sql("ALTER TABLE invoices ADD order_id int"))
    cms = project.module("cms")
    cms.revision("m1", upgrade=sql("CREATE TABLE pages (id int PRIMARY KEY, title text)"))
    cms.revision("m2", down="m1")
    return project


def at(project: ProjectFiles, url: str, *targets: str) -> None:
    """Upgrade to each of the targets."""
    for target in targets:
        done(modalembic(project, "upgrade", target, "--quiet", url=url))


def without_rows(url: str) -> None:
    """As a dump that was restored without them, or `create_all`."""
    execute(url, "DROP TABLE IF EXISTS alembic_version, modalembic_history")


def says(project: ProjectFiles, url: str, *rows: str) -> None:
    """The version rows, written by hand."""
    execute(url, "DELETE FROM alembic_version")
    for row in rows:
        execute(url, f"INSERT INTO alembic_version VALUES ('{row}')")
    assert versions(url) == set(rows), project.root


def match(project: ProjectFiles, url: str, *options: str) -> Result:
    """`stamp --match`."""
    return modalembic(project, "stamp", "--match", *options, url=url)
