"""What can be said without a database."""

from app.celery_app import SCHEDULE, celery_app
from app.main import app


def test_every_scheduled_task_exists() -> None:
    celery_app.loader.import_default_modules()

    assert {entry["task"] for entry in SCHEDULE.values()} <= set(celery_app.tasks)


def test_the_application_describes_its_routes() -> None:
    assert {"/health", "/users", "/tenants", "/orders/{number}"} <= set(app.openapi()["paths"])
