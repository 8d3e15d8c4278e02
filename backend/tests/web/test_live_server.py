"""What only a real process over a real socket shows: its log, chunked bodies, and what outlives a response."""

import json
import socket

import httpx

from crm_boost.identity.principal import hash_token
from tests.support.live import LiveServer

PASSWORD = "a very long password"
FIRST = {"name": "Sample Person", "email": "sample.person@example.test", "password": PASSWORD}


def test_the_log_names_routes_and_never_what_people_typed_or_hold(live: LiveServer) -> None:
    with httpx.Client(base_url=live.url) as client:
        made = client.post("/api/setup", json=FIRST)
        assert made.status_code == 201
        token = made.json()["token"]
        csrf = made.json()["csrf_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        wrong = client.post("/api/auth/login", json={"email": FIRST["email"], "password": "wrong-secret-99"})
        assert wrong.status_code == 401
        assert client.get("/api/users?q=typed-by-somebody", headers=bearer).status_code == 200
        patched = client.patch("/api/users/a-user-id-in-the-path", json={"name": "New Name"}, headers=bearer)
        assert patched.status_code == 404
        assert client.get("/customers/customer-in-the-path", headers={"accept": "text/html"}).status_code == 200
        assert client.get("/api/no-such/customer-in-the-path").status_code == 404
        assert client.post("/api/auth/login", content=b'{"password": "unfinished-sec').status_code == 422
        marked = client.get("/api/auth/me", headers={**bearer, "X-Request-Id": "marked-request-1"})
        assert marked.headers["x-request-id"] == "marked-request-1"
    log = live.stop()

    lines = [json.loads(line) for line in log.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    routes = {(line["method"], line["route"], line["status"]) for line in requests}
    assert {("POST", "/api/setup", 201), ("POST", "/api/auth/login", 401), ("GET", "/api/users", 200)} <= routes
    assert ("PATCH", "/api/users/{user_id}", 404) in routes
    assert [line["status"] for line in requests if line["request_id"] == "marked-request-1"] == [200]
    assert all(line["request_id"] and line["ms"] >= 0 for line in requests)
    secrets = (PASSWORD, "wrong-secret-99", "unfinished-sec", token, hash_token(token), csrf)
    personal = ("typed-by-somebody", "a-user-id-in-the-path", "customer-in-the-path", FIRST["email"], "Sample Person")
    assert [word for word in (*secrets, *personal) if word in log] == []


def test_a_chunked_body_over_the_limit_is_refused_on_the_wire(live: LiveServer) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", live.port), timeout=20) as connection:
        connection.sendall(
            b"POST /api/auth/login HTTP/1.1\r\nHost: crm.test\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        try:
            for _ in range(8 * 16 + 2):
                connection.sendall(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = connection.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 413")


def test_what_was_answered_is_still_there_after_a_kill(live: LiveServer) -> None:
    assert httpx.post(f"{live.url}/api/setup", json=FIRST).status_code == 201
    live.process.kill()
    live.process.wait()

    import asyncio

    assert asyncio.run(_needs_setup(live)) is False


async def _needs_setup(live: LiveServer) -> bool:
    from crm_boost.db.engine import Database
    from crm_boost.identity.service import needs_set_up

    database = Database(live.settings)
    try:
        async with database.read() as session:
            return await needs_set_up(session)
    finally:
        await database.dispose()


def test_an_unexpected_error_is_in_the_log_under_its_request_id(live: LiveServer) -> None:
    with httpx.Client(base_url=live.url) as client:
        client.post("/api/setup", json=FIRST)
        with live.without_table("sessions"):
            response = client.get("/api/auth/me", headers={"Authorization": "Bearer some-token"})

    assert response.status_code in {500, 503}
    request_id = response.json()["request_id"]
    traces = [line for line in map(json.loads, live.log().splitlines()) if "exception" in line]
    assert [line["request_id"] for line in traces] == [request_id]
    assert "Traceback" not in response.text
    assert hash_token("some-token") not in live.log()
