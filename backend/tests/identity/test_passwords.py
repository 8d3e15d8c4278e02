"""Hashes of another system: checked as they are, replaced at the next sign-in (issue 8)."""

import bcrypt
import httpx
import pytest
from sqlalchemy import select

from crm_boost.db.engine import Database
from crm_boost.identity.models import User
from crm_boost.identity.passwords import NO_PASSWORD, is_known, is_outdated, verify_password
from tests.support.factories import PASSWORD, make_user


def hashed(password: str, prefix: bytes = b"2b") -> str:
    plain = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    return plain.replace("$2b$", f"${prefix.decode()}$")


@pytest.mark.pure
@pytest.mark.parametrize("prefix", [b"2a", b"2b", b"2y"])
async def test_every_spelling_of_bcrypt_is_checked(prefix: bytes) -> None:
    stored = hashed(PASSWORD, prefix)
    assert is_known(stored)
    assert is_outdated(stored)
    assert await verify_password(PASSWORD, stored)
    assert not await verify_password(PASSWORD + "x", stored)


@pytest.mark.pure
async def test_what_is_beyond_72_bytes_never_counted() -> None:
    stored = hashed("é" * 40)
    assert await verify_password("é" * 40, stored)
    assert await verify_password("é" * 36 + "other", stored)
    assert not await verify_password("é" * 35 + "other", stored)


@pytest.mark.pure
@pytest.mark.parametrize("stored", [NO_PASSWORD, "", "plain text", "$1$abc", None])
async def test_what_is_no_hash_opens_nothing(stored: str | None) -> None:
    assert stored is None or not is_known(stored)
    assert not await verify_password("", stored)
    assert not await verify_password(stored or "x", stored)


async def test_a_sign_in_replaces_the_old_hash_once(client: httpx.AsyncClient, database: Database) -> None:
    person = await make_user(database)
    old = hashed(PASSWORD)
    async with database.write() as session:
        user = await session.get(User, person.id)
        assert user is not None
        user.password_hash = old

    async def sign_in(password: str) -> int:
        answer = await client.post("/api/auth/login", json={"email": person.email, "password": password})
        return answer.status_code

    async def stored() -> str:
        async with database.read() as session:
            found = await session.scalar(select(User.password_hash).where(User.id == person.id))
        assert found is not None
        return found

    assert await sign_in("not the password") == 401
    assert await stored() == old
    assert await sign_in(PASSWORD) == 200
    upgraded = await stored()
    assert upgraded.startswith("$argon2id$")
    assert await sign_in(PASSWORD) == 200
    assert await stored() == upgraded
