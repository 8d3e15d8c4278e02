"""The files in `deploy/` and beside it, and what the handbook says: every name in them exists. No container is started."""

import importlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from crm_boost.observing.metrics import Metrics, State
from crm_boost.settings import Settings
from tests.support.postgres import IN_OPERATION

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parents[3]
_BESIDE_THE_SETTINGS = {"CRM_STAGE_DATABASE_URL", "CRM_MONGO_SOURCE"}
"""Asked for by single commands."""


def yaml(name: str) -> dict[str, Any]:
    found: dict[str, Any] = importlib.import_module("yaml").safe_load((ROOT / name).read_text(encoding="utf-8"))
    return found


def settings_of(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from settings_of(field.annotation, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}"


KNOWN = set(settings_of(Settings, "CRM_")) | _BESIDE_THE_SETTINGS


@pytest.mark.parametrize(
    "name",
    [
        "compose.yaml",
        "Dockerfile",
        "deploy/crm-boost.env.example",
        "deploy/prometheus.yml",
        "docs/operating.md",
        "scripts/staging.sh",
    ],
)
def test_every_setting_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"\bCRM_[A-Z][A-Z_]*[A-Z]", (ROOT / name).read_text(encoding="utf-8")))

    assert named
    assert named - KNOWN == set()


def test_every_setting_of_observing_and_staging_is_in_the_handbook() -> None:
    handbook = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    wanted = {name for name in KNOWN if "OBSERVABILITY" in name or name.startswith("CRM_STAG") or "STOP_DELAY" in name}

    assert {name for name in wanted if name not in handbook} == set()


def test_the_services_wait_for_each_other_and_have_no_default_secret() -> None:
    composed = yaml("compose.yaml")
    app, database = composed["services"]["app"], composed["services"]["database"]

    assert app["depends_on"]["database"]["condition"] == "service_healthy"
    assert database["healthcheck"]["test"][0] == "CMD-SHELL"
    assert app["env_file"] == ".env"
    mounted = [volume.split(":")[0] for service in (app, database) for volume in service["volumes"]]
    assert sorted(mounted) == sorted(composed["volumes"])
    assert all(port.startswith("127.0.0.1:") for port in app["ports"])
    assert "ports" not in database
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    # Substituted, and refused where it is missing: never a password of ours.
    assert set(re.findall(r"PASSWORD[^\s@]*", text)) == {"PASSWORD:", "PASSWORD:?fill"}
    assert re.findall(r"\$\{(\w+):-", text) == ["PUBLISHED_PORT"]
    example = (ROOT / "deploy/crm-boost.env.example").read_text(encoding="utf-8")
    secrets = dict(re.findall(r"^#? ?(\w*(?:PASSWORD|KEY|TOKEN|DSN))=(.*)$", example, re.MULTILINE))
    assert set(secrets.values()) == {""}
    assert {"POSTGRES_PASSWORD", "CRM_SECRET_KEY"} <= set(secrets)


def test_the_image_runs_as_nobody_special_and_copies_what_there_is() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    last_stage = lines[max(at for at, line in enumerate(lines) if line.startswith("FROM")) :]

    assert "USER crm" in last_stage
    assert any(line.startswith("HEALTHCHECK") for line in last_stage)
    copied = [word for line in lines if line.startswith("COPY") and "--from" not in line for word in line.split()[1:-1]]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    # The programs that make backups are of the version of the database.
    (client,) = {word for line in last_stage for word in re.findall(r"postgresql-client-(\d+)", line)}
    assert yaml("compose.yaml")["services"]["database"]["image"] == f"postgres:{client}"


def test_what_is_measured_has_the_settings_of_the_composed_database() -> None:
    program, *options = yaml("compose.yaml")["services"]["database"]["command"]
    handbook = (ROOT / "docs/operating.md").read_text(encoding="utf-8")

    assert program == "postgres"
    assert options[::2] == ["-c"] * len(IN_OPERATION)
    assert dict(option.split("=") for option in options[1::2]) == IN_OPERATION
    assert {name for name, value in IN_OPERATION.items() if f"`{name}` to `{value}`" not in handbook} == set()


def test_prometheus_asks_where_the_figures_are() -> None:
    (job,) = yaml("deploy/prometheus.yml")["scrape_configs"]

    assert (job["metrics_path"], job["authorization"]["type"]) == ("/metrics", "Bearer")


def test_every_query_of_the_dashboard_names_figures_that_there_are() -> None:
    metrics = Metrics("1")
    metrics.request("GET", "/api/health", 200, 0.1, stream=False)
    metrics.job("health", "succeeded", 0.1)
    metrics.client_error(kept=True)
    state = State(last_success={"health": datetime(2025, 1, 1, tzinfo=UTC)}, connections={"writer": (0, 1)})
    samples: dict[str, set[str]] = {}
    for line in metrics.render(state).decode().splitlines():
        if not line.startswith("#"):
            name, _, labels = line.rsplit(" ", 1)[0].partition("{")
            samples.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    dashboard = json.loads((ROOT / "deploy/grafana/crm-boost.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    queries += [variable["definition"] for variable in dashboard["templating"]["list"] if "definition" in variable]

    named = {name for query in queries for name in re.findall(r"\b(?:crm_boost|process)_\w+", query)}
    assert len(queries) > 15
    assert named - set(samples) == set()
    for query in queries:
        for name, labels in re.findall(r"\b(crm_boost_\w+)\{([^}]*)\}", query):
            asked = set(re.findall(r"(\w+)(?:=|!)", labels)) - {"instance"}
            assert asked <= samples[name], query
        for words in re.findall(r"by \(([^)]*)\)", query):
            grouped = {word.strip() for word in words.split(",")} - {"instance"}
            assert any(grouped <= samples[name] for name in re.findall(r"\bcrm_boost_\w+", query)), query
    # What is counted and shown nowhere is counted for nobody.
    ours = {
        name for name in samples if name.startswith("crm_boost_") and not name.endswith(("_created", "_sum", "_count"))
    }
    assert ours - named == set()
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
