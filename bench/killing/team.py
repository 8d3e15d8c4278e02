"""The desk that is worked on: its people, pools and clients."""

from dataclasses import dataclass

import httpx

from bench.killing.client import Client, Counts
from bench.killing.clients import Booker, Dealer, Marker, Planner, Requester, Reserver
from bench.killing.importers import DepositImporter, Importer
from crm_boost.db.engine import Database
from crm_boost.identity.permissions import Role
from crm_boost.kit.clock import business_date
from tests.support.factories import Account, Stored, make_database, make_product, make_user
from tests.webhooks.receiver import Receiver

_POOL, _ASKED, _OWN = 3_000, 9_000, 60
_EVENTS = ["records.assigned", "reservation.started", "deposit.counted"]


@dataclass(frozen=True)
class Team:
    """The clients, and what belongs to the outside: an address that is told of what they do."""

    owner: Account
    counts: Counts
    bookers: list[Booker]
    dealers: list[Dealer]
    markers: list[tuple[Marker, Stored]]
    reserver: Reserver
    planner: Planner
    others: list[Client]

    @property
    def clients(self) -> list[Client]:
        """Everybody."""
        markers = [marker for marker, _ in self.markers]
        return [*self.bookers, *self.dealers, *markers, self.reserver, self.planner, *self.others]

    async def begin(self, server: httpx.AsyncClient, told: Receiver) -> None:
        """What comes before the first round: an address that is told, and records for those who note things on them."""
        hook = {"name": "Outside", "url": told.url, "events": _EVENTS}
        (await server.post("/api/webhooks", json=hook, headers=self.owner.auth)).raise_for_status()
        for marker, stored in self.markers:
            body = {"database_id": stored.id, "staff_ids": [marker.account.id], "quantity": _OWN}
            path = f"/api/pools/{stored.module}/assign-random"
            (await server.post(path, json=body, headers=self.owner.auth)).raise_for_status()

    def untold(self, told: Receiver) -> list[str]:
        """What was acknowledged and the outside never heard of."""
        heard: set[str] = set()
        for message in told.received:
            data = message.body["data"]
            heard.update(data.get(name, "") for name in ("deposit_id", "operation_id"))
            heard.update(row["reservation_id"] for row in data.get("reservations", ()))
        done = {key for booker in self.bookers for key in booker.booked} | set(self.reserver.reservations)
        done |= {key for dealer in self.dealers for key, (kind, _) in dealer.operations.items() if kind == "assign"}
        return [f"the outside never heard of {key}" for key in done - heard]


async def assemble(database: Database, seed: int) -> Team:
    """Put people, a product and pools into an empty desk. What clients draw follows from the seed."""
    counts, product = Counts(), await make_product(database, "Alpha")
    seeds = iter(range(seed * 100, seed * 100 + 100))

    async def admin() -> Account:
        return await make_user(database, Role.ADMIN)

    async def people(count: int) -> list[Account]:
        return [await make_user(database) for _ in range(count)]

    today = business_date(database.business.tz)
    pool = await make_database(database, _POOL, module="memberwd", product_id=product, name="Pool", prefix="pool")
    asked = await make_database(database, _ASKED, product_id=product, name="Asked", prefix="asked")
    bookers = [Booker(person, next(seeds), counts, product, await admin(), today) for person in await people(2)]
    dealers = [Dealer(await admin(), next(seeds), counts, pool, await people(2)) for _ in range(2)]
    markers = []
    for number, person in enumerate(await people(2)):
        own = await make_database(
            database, _OWN, module="bonanza", product_id=product, name=f"Own {number}", prefix=f"own{number}-"
        )
        markers.append((Marker(person, next(seeds), counts, own.record_ids), own))
    requesters = [Requester(person, next(seeds), counts, asked, await admin()) for person in await people(2)]
    keys = [f"pool{number}" for number in range(0, _POOL, 3)]
    reserver = Reserver(await admin(), next(seeds), counts, pool, await people(2), keys)
    planner = Planner(await admin(), next(seeds), counts)
    (depositor,) = await people(1)
    importers = [
        Importer(await admin(), next(seeds), counts, product, depositor),
        DepositImporter(await admin(), next(seeds), counts, "Alpha", depositor),
    ]
    owner = await make_user(database, Role.MASTER_ADMIN)
    return Team(owner, counts, bookers, dealers, markers, reserver, planner, [*requesters, *importers])
