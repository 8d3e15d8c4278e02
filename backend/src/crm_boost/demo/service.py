"""Fills a desk with demo data. Everything goes the way it goes in use: accounts, products, uploads, hand-outs.

What a broken-off run left out, the next one adds: accounts, products and files that are there already are left alone.
"""

import asyncio
import hashlib
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crm_boost.assignments.hand_out import Receivers, assign_random
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.recall import recall
from crm_boost.assignments.trash import trash_database
from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from crm_boost.demo import repository
from crm_boost.demo.acting import acting, principal_of
from crm_boost.demo.credentials import new_password, write_credentials
from crm_boost.demo.day import DAYS, handed_out, work_a_day
from crm_boost.demo.deposits import book_months
from crm_boost.demo.follow_ups import follow_up
from crm_boost.demo.people import ACCOUNTS, OWNER, PRODUCTS, STAFF, DemoAccount
from crm_boost.demo.plan import FILES, DemoFile, shared_customers
from crm_boost.demo.targets import set_targets
from crm_boost.identity.models import User
from crm_boost.identity.passwords import hash_password
from crm_boost.identity.service import add_user, email_key, needs_set_up
from crm_boost.kit.clock import frozen, utc_now
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.kit.text import name_key
from crm_boost.pools.places import RecordFilter
from crm_boost.pools.repository import get_database, list_records
from crm_boost.products.repository import get_product_by_key
from crm_boost.products.schemas import ProductCreate
from crm_boost.products.service import create_product
from crm_boost.reservations.schemas import BulkReserve, Reserve
from crm_boost.reservations.service import reserve, reserve_many
from crm_boost.settings import Settings
from crm_boost.uploads.models import Import, ImportState
from crm_boost.uploads.runner import ImportRunner
from crm_boost.uploads.schemas import CommitRequest
from crm_boost.uploads.service import UploadedFile, require_import, upload
from crm_boost.uploads.service import commit as confirm
from crm_boost.wiring import build_bus

_RESERVED = 40
_ASKED_FOR = 8
_TO_ONE = 25
_RECALLED = 10


class DemoFailed(Exception):
    """A demo file was not imported; the message says which and why."""


@dataclass(slots=True)
class Seeded:
    """What was added. `password` is None when all accounts were there before."""

    password: str | None = None
    accounts: Sequence[DemoAccount] = ()
    credentials: Path | None = None
    databases: list[tuple[DemoFile, dict[str, Any]]] = field(default_factory=list)


async def seed_demo(
    settings: Settings, *, seed: int, if_empty: bool = False, files: Sequence[DemoFile] = FILES
) -> Seeded | None:
    """Add what is missing of the demo data; None when `if_empty` and somebody can sign in already.

    The schema must be migrated. The same `seed` makes the same customers, files and hand-outs.
    """
    database = Database(settings, build_bus())
    try:
        async with database.read() as session:
            if if_empty and not await needs_set_up(session):
                return None
        seeded = Seeded()
        people = await _accounts(database, settings, seeded)
        owner = people[OWNER.email]
        enter_context(ActionContext(actor_id=owner.id, actor_name=owner.name))
        staff = [people[account.email] for account in STAFF]
        product_ids, is_new = await _products(database)
        if is_new:
            await _reservations(database, seed, product_ids, staff)
        desk = _Desk(database, settings, owner, [person.id for person in staff], product_ids, seed)
        seeded.databases = await desk.fill(files)
        if is_new:
            await work_a_day(database, seed, staff)
            await book_months(database, seed, owner, staff, product_ids[:-1], _RESERVED)
            await follow_up(database, seed, staff)
            await set_targets(database, owner, staff[0])
        return seeded
    finally:
        await database.dispose()


async def _accounts(database: Database, settings: Settings, seeded: Seeded) -> dict[str, User]:
    keys = {account.email: email_key(account.email) for account in ACCOUNTS}
    async with database.read() as session:
        found = await repository.users_by_email(session, list(keys.values()))
    missing = [account for account in ACCOUNTS if keys[account.email] not in found]
    if missing:
        seeded.accounts = missing
        seeded.password = new_password(settings.auth.password_min_length)
        hashes = await asyncio.gather(*(hash_password(seeded.password) for _ in missing))
        # Before the accounts: whoever can sign in must find out how.
        seeded.credentials = await asyncio.to_thread(
            write_credentials, settings.data_dir, missing, seeded.password, keep=bool(found)
        )
        async with database.write() as session:
            for account, password_hash in zip(missing, hashes, strict=True):
                found[keys[account.email]] = await add_user(
                    session,
                    email=account.email,
                    name=account.name,
                    role=account.role,
                    password_hash=password_hash,
                    capacity=account.capacity,
                )
    return {email: found[key] for email, key in keys.items()}


async def _products(database: Database) -> tuple[list[str], bool]:
    """Return the ids of the products, and whether all of them were created just now."""
    ids: list[str] = []
    created = 0
    async with database.write() as session:
        for name in PRODUCTS:
            product = await get_product_by_key(session, name_key(name))
            if product is not None:
                ids.append(product.id)
                continue
            row = await create_product(session, ProductCreate(name=name, description="Demo product"))
            ids.append(row["id"])
            created += 1
    return ids, created == len(PRODUCTS)


async def _reservations(database: Database, seed: int, product_ids: list[str], staff: Sequence[User]) -> None:
    """Some customers that several files hold have an owner, and some are asked for."""
    for product, product_id in enumerate(product_ids[:-1]):
        names = [customer.username for customer in shared_customers(seed, product)[: _RESERVED + _ASKED_FOR]]
        async with database.write() as session:
            for place, person in enumerate(staff):
                own = names[place : _RESERVED : len(staff)]
                await reserve_many(session, BulkReserve(customer_ids=own, product_id=product_id, staff_id=person.id))
        for place, name in enumerate(names[_RESERVED:]):
            person = staff[place % len(staff)]
            with acting(person):
                async with database.write() as session:
                    await reserve(session, principal_of(person), Reserve(customer_id=name, product_id=product_id))


@dataclass(frozen=True, slots=True)
class _HandOut:
    """A part of a file that is dealt on one day."""

    policy: Policy
    database_id: str
    rng: random.Random
    at: datetime
    quantity: int
    is_first: bool


class _Desk:
    """Uploads the files and deals their records, as the owner would."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        owner: User,
        staff_ids: list[str],
        product_ids: list[str],
        seed: int,
    ) -> None:
        self._database = database
        self._settings = settings
        self._owner = principal_of(owner)
        self._staff_ids = staff_ids
        self._product_ids = product_ids
        self._seed = seed

    async def fill(self, files: Sequence[DemoFile]) -> list[tuple[DemoFile, dict[str, Any]]]:
        """Import and deal every file that is not there yet; return the files stored with the result of each."""
        async with self._database.read() as session:
            present = await repository.database_hashes(session)
        stored = []
        days = handed_out(self._database.business.tz)
        hand_outs: list[_HandOut] = []
        for file in files:
            content = await asyncio.to_thread(file.content, self._seed)
            if hashlib.sha256(content).hexdigest() in present:
                continue
            with frozen(utc_now() - timedelta(days=DAYS)):
                item = await self._import(file, content)
                assert item.database_id is not None
                assert item.result is not None
                if file.trashed:
                    async with self._database.write() as session:
                        await trash_database(session, policy_of(file.module), item.database_id)
            stored.append((file, item.result))
            hand_outs += self._hand_outs(file, item.database_id, days)
        # Day by day: whoever got something last finds it on top.
        for hand_out in sorted(hand_outs, key=lambda each: each.at):
            await self._deal(hand_out)
        return stored

    async def _import(self, file: DemoFile, content: bytes) -> Import:
        rng = random.Random(f"{self._seed}:order:{file.module}:{file.filename}")
        runner = ImportRunner(self._database, self._settings, rng=rng)
        item = await upload(
            self._database,
            self._settings,
            str(runner.name),
            self._owner,
            UploadedFile(io.BytesIO(content), file.filename),
            module=file.module,
            product_id=self._product_ids[file.product],
        )
        await self._work(runner, item.id, file, ImportState.READY)
        request = CommitRequest(name=file.name, description="Demo data", duplicates=file.duplicates)
        async with self._database.write() as session:
            await confirm(session, str(runner.name), item.id, request)
        return await self._work(runner, item.id, file, ImportState.DONE)

    async def _work(self, runner: ImportRunner, import_id: str, file: DemoFile, expected: ImportState) -> Import:
        runner.submit(import_id)
        await runner.wait(import_id)
        async with self._database.read() as session:
            item = await require_import(session, import_id)
        if item.state != expected:
            raise DemoFailed(f"{file.filename} is {item.state}: {item.error_message or 'no reason given'}")
        return item

    def _hand_outs(self, file: DemoFile, database_id: str, days: Sequence[datetime]) -> list[_HandOut]:
        """Return when records of a file are dealt: in parts, on every other of the days."""
        if not file.dealt:
            return []
        rng = random.Random(f"{self._seed}:deal:{file.module}:{file.filename}")
        own = days[rng.randrange(2) :: 2]
        part, more = divmod(file.dealt, len(own))
        return [
            _HandOut(policy_of(file.module), database_id, rng, at, part + (place < more), place == 0)
            for place, at in enumerate(own)
        ]

    async def _deal(self, wanted: _HandOut) -> None:
        """Deal to everybody; the first time also to one of them, who gives a few back."""
        policy, database_id, rng = wanted.policy, wanted.database_id, wanted.rng
        with frozen(wanted.at):
            async with self._database.write() as session:
                await assign_random(session, policy, database_id, Receivers(self._staff_ids), wanted.quantity, rng=rng)
            if not wanted.is_first:
                return
            one = rng.choice(self._staff_ids)
            async with self._database.write() as session:
                await assign_random(session, policy, database_id, Receivers([one]), _TO_ONE, rng=rng)
            async with self._database.read() as session:
                stored = await get_database(session, policy.module, database_id)
                assert stored is not None
                held = RecordFilter(status=RecordState.ASSIGNED, assigned_to=one)
                page = await list_records(session, stored, held, after=None, limit=_RECALLED)
            async with self._database.write() as session:
                await recall(session, policy, [row["id"] for row in page.rows], reason="demo")
