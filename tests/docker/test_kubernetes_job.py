"""`docker/kubernetes-job.yaml`, as far as it can be read without a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

MANIFEST = Path(__file__).parents[2] / "docker" / "kubernetes-job.yaml"


@pytest.fixture(scope="module")
def job() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(MANIFEST.read_text())
    return loaded


@pytest.fixture(scope="module")
def container(job: dict[str, Any]) -> dict[str, Any]:
    (only,) = job["spec"]["template"]["spec"]["containers"]
    assert isinstance(only, dict)
    return only


def test_it_is_a_job_that_ends(job: dict[str, Any]) -> None:
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    assert job["spec"]["activeDeadlineSeconds"] > 0
    assert job["spec"]["backoffLimit"] <= 3
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_it_runs_as_the_user_of_the_image(job: dict[str, Any], container: dict[str, Any]) -> None:
    context = job["spec"]["template"]["spec"]["securityContext"]
    assert context["runAsNonRoot"]
    dockerfile = (MANIFEST.parent / "Dockerfile").read_text()
    assert f"USER {context['runAsUser']}:{context['runAsGroup']}" in dockerfile
    assert container["securityContext"]["readOnlyRootFilesystem"]


def test_the_url_comes_from_a_secret(container: dict[str, Any]) -> None:
    (variable,) = container["env"]
    assert variable["name"] == "MODALEMBIC_DATABASE_URL"
    assert set(variable["valueFrom"]) == {"secretKeyRef"}


def test_it_can_write_where_the_image_keeps_its_cache(container: dict[str, Any]) -> None:
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]
