"""The built web app: its files, its pages, and nothing else of the disk."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from crm_boost.app import create_app
from crm_boost.settings import Settings

pytestmark = pytest.mark.pure
PAGE = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture
async def web(built_web_app: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(data_dir=tmp_path / "data", web_app_dir=built_web_app))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://crm.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/customers", "/databases/0199/records", "/admin/users?q=x", "/apiary", "/%20"])
async def test_every_page_address_gives_the_app(web: httpx.AsyncClient, path: str) -> None:
    response = await web.get(path, headers=PAGE)

    assert response.status_code == 200
    assert "CRM Boost" in response.text
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["cache-control"] == "no-cache"
    assert "content-security-policy" in response.headers


async def test_a_plain_client_sees_the_page_too(web: httpx.AsyncClient) -> None:
    assert (await web.get("/", headers={"accept": "*/*"})).status_code == 200
    assert (await web.head("/")).status_code == 200


async def test_assets_are_kept_for_ever_and_pages_are_not(web: httpx.AsyncClient) -> None:
    asset = await web.get("/assets/index-4f2a.js")
    icon = await web.get("/favicon.svg")

    assert (asset.status_code, asset.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert (icon.status_code, icon.headers["cache-control"]) == (200, "no-cache")
    assert "javascript" in asset.headers["content-type"]


@pytest.mark.parametrize("path", ["/assets/gone-1.js", "/gone.css", "/robots.txt", "/customers/x.json"])
async def test_a_missing_file_is_not_the_app(web: httpx.AsyncClient, path: str) -> None:
    response = await web.get(path, headers=PAGE)

    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
    assert "immutable" not in response.headers.get("cache-control", "")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/climbs.txt",
        "/assets",
        "/" + "a" * 5000,
        "/" + "a" * 5000 + ".js",
        "/assets/" + "a" * 5000,
    ],
)
async def test_no_path_leads_out_of_the_folder(web: httpx.AsyncClient, path: str) -> None:
    request = web.build_request("GET", "http://crm.test/", headers=PAGE)
    # Straight into the path: a URL library would tidy these up before they are sent.
    request.url = request.url.copy_with(raw_path=path.encode())
    response = await web.send(request)

    assert response.status_code < 500
    assert "secret" not in response.text
    assert "root:" not in response.text


@pytest.mark.parametrize("path", ["/%00", "/assets/%00.js", "/a%00b.css"])
async def test_a_nul_in_a_path_is_no_server_error(web: httpx.AsyncClient, path: str) -> None:
    assert (await web.get(path)).status_code in {404, 422}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api", "/api/unknown", "/api/unknown/deeper", "/api/users.json"])
async def test_an_unknown_api_address_is_a_problem_and_never_the_app(
    web: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await web.request(method, path, headers=PAGE)

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_a_wrong_method_of_a_known_address_is_405(web: httpx.AsyncClient) -> None:
    response = await web.delete("/api/server-time")

    assert (response.status_code, response.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_pages_are_only_read(web: httpx.AsyncClient, method: str) -> None:
    assert (await web.request(method, "/customers")).status_code == 405


async def test_an_xhr_for_a_page_that_is_none_is_not_answered_with_html(web: httpx.AsyncClient) -> None:
    response = await web.get("/old/endpoint", headers={"accept": "application/json"})

    assert response.status_code == 404


async def test_without_a_build_the_start_page_says_so(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path / "data", web_app_dir=tmp_path / "nothing-here"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://crm.test") as client:
        start = await client.get("/")
        other = await client.get("/customers")

    assert (start.status_code, "make run" in start.text) == (200, True)
    assert other.status_code == 404
