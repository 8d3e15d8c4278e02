"""Request ids, security headers, body limits: around every request, whatever answers it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, File, Request, UploadFile
from hypothesis import given
from hypothesis import strategies as st

from crm_boost.web.middleware import RequestMiddleware
from crm_boost.web.problems import install_problem_handlers

pytestmark = pytest.mark.pure


@pytest.fixture
async def small() -> AsyncIterator[httpx.AsyncClient]:
    """An app that takes 1,000 bytes, and 10,000 on its upload address."""
    app = FastAPI()
    install_problem_handlers(app)
    app.state.reached = 0

    @app.post("/json")
    async def take(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    @app.post("/upload")
    async def upload(file: UploadFile = File()) -> dict[str, int]:
        return {"size": len(await file.read())}

    @app.post("/ignore")
    async def ignore() -> dict[str, str]:
        return {}

    app.add_middleware(
        RequestMiddleware, max_body_bytes=1000, max_upload_bytes=10_000, upload_paths=frozenset({"/upload"})
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://crm.test") as client:
        yield client


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100):
        yield b"x" * 100


async def test_a_body_within_the_limit_passes(small: httpx.AsyncClient) -> None:
    assert (await small.post("/json", content=b"x" * 1000)).json() == {"size": 1000}
    assert (await small.post("/json", content=chunks(1000))).json() == {"size": 1000}


async def test_a_declared_size_beyond_the_limit_is_refused(small: httpx.AsyncClient) -> None:
    response = await small.post("/json", content=b"x" * 1001)

    assert (response.status_code, response.json()["code"], response.json()["limit"]) == (413, "too_large", 1000)
    assert response.headers["connection"] == "close"


async def test_two_declared_gigabytes_are_refused_before_a_byte_is_read(small: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x"

    response = await small.post("/upload", content=endless(), headers={"content-length": str(2 * 1024**3)})

    assert (response.status_code, read) == (413, 0)


async def test_a_body_of_undeclared_size_is_counted(small: httpx.AsyncClient) -> None:
    response = await small.post("/json", content=chunks(1100))

    assert (response.status_code, response.json()["code"]) == (413, "too_large")


async def test_an_upload_may_be_larger_and_has_its_own_limit(small: httpx.AsyncClient) -> None:
    good = await small.post("/upload", files={"file": ("a.csv", b"x" * 10_000)})
    bad = await small.post("/upload", files={"file": ("a.csv", b"x" * 90_000)})

    assert good.json() == {"size": 10_000}
    assert (bad.status_code, bad.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("declared", ["²", "-1", "1e9", "0x10", ""])
async def test_an_odd_declared_size_is_no_server_error(small: httpx.AsyncClient, declared: str) -> None:
    headers = [(b"content-length", declared.encode("latin-1"))]
    response = await small.send(small.build_request("POST", "/json", content=b"x", headers=headers))

    assert response.status_code < 500


@pytest.mark.parametrize("given_id", ["12345678", "req.A-1_zz", "a" * 64])
async def test_a_callers_request_id_is_kept(small: httpx.AsyncClient, given_id: str) -> None:
    response = await small.post("/ignore", headers={"x-request-id": given_id})

    assert response.headers["x-request-id"] == given_id


@pytest.mark.parametrize("given_id", ["short", "a" * 65, "has space 1", "<script>alert(1)</script>", "new\tline99"])
async def test_any_other_request_id_is_replaced(small: httpx.AsyncClient, given_id: str) -> None:
    response = await small.post("/ignore", headers={"x-request-id": given_id})

    assert response.headers["x-request-id"] != given_id
    assert len(response.headers["x-request-id"]) == 32


async def test_every_request_has_an_id_of_its_own(small: httpx.AsyncClient) -> None:
    ids = {(await small.post("/ignore")).headers["x-request-id"] for _ in range(5)}

    assert len(ids) == 5


@pytest.mark.parametrize("path", ["/ignore", "/nowhere"])
async def test_security_headers_are_on_every_answer(small: httpx.AsyncClient, path: str) -> None:
    headers = (await small.post(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "script-src" not in policy or "unsafe" not in policy["script-src"]
    assert "http" not in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/ignore?q=%00", "/ig%00nore", "/ignore?a=b&c=d%00e"])
async def test_a_nul_in_an_address_is_refused(small: httpx.AsyncClient, path: str) -> None:
    response = await small.post(path)

    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")


@given(st.binary(max_size=40))
def test_only_short_plain_request_ids_are_echoed(given_id: bytes) -> None:
    from crm_boost.web.middleware import _REQUEST_ID

    text = given_id.decode("latin-1")
    if _REQUEST_ID.fullmatch(text):
        assert text.isascii()
        assert text.isprintable()
        assert 8 <= len(text) <= 64
