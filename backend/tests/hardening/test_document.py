"""The OpenAPI document tells of every refusal, and of who has to be signed in (spec 1.6)."""

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from crm_boost.app import create_app
from crm_boost.settings import Settings
from tests.architecture.test_endpoints_guarded import PUBLIC

pytestmark = pytest.mark.pure


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document of an app that was never started."""
    folder: Path = tmp_path_factory.mktemp("data")
    app: FastAPI = create_app(Settings(data_dir=folder))
    return app.openapi()


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(m.upper(), path): one for path, methods in document["paths"].items() for m, one in methods.items()}


def test_what_needs_a_session_says_so_and_nothing_else_does(document: dict[str, Any]) -> None:
    found = operations(document)
    open_to_all = {key for key, operation in found.items() if "security" not in operation}

    assert open_to_all == PUBLIC
    for key, operation in found.items():
        assert key in PUBLIC or {"401", "403"} <= set(operation["responses"]), key


def test_every_refusal_is_a_problem_document(document: dict[str, Any]) -> None:
    shared = document["components"]["responses"]
    for key, operation in operations(document).items():
        assert {"429", "503"} <= set(operation["responses"]), key
        if key[0] != "GET":
            assert {"400", "404", "409", "413", "422"} <= set(operation["responses"]), key
        for status, answer in operation["responses"].items():
            if "$ref" in answer:
                assert status[0] in "45"
                answer = shared[answer["$ref"].rsplit("/", 1)[1]]
                assert set(answer["content"]) == {"application/problem+json"}
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document).values()]

    assert len(names) == len(set(names))
