"""Writes one export into its file, page by page."""

from dataclasses import dataclass
from typing import cast

from crm_boost.access.limits import Kind
from crm_boost.access.meter import Meter
from crm_boost.databases.table_file import FileFormat, table_file
from crm_boost.db.engine import Database
from crm_boost.exports.files import ExportFolder
from crm_boost.exports.models import Export
from crm_boost.exports.reading import Wanted, columns_of, pages_of, wanted_by
from crm_boost.identity.permissions import Role
from crm_boost.identity.principal import Principal
from crm_boost.identity.repository import get_user
from crm_boost.kit.errors import Forbidden
from crm_boost.uploads.threads import in_thread


@dataclass(slots=True)
class Work:
    """One export that is being written, and how far it is."""

    database: Database
    folder: ExportFolder
    meter: Meter
    item: Export
    rows: int = 0
    total: int | None = None
    unwanted: bool = False
    """Somebody cancelled it, or another process has said that this one is dead."""

    async def write(self) -> int:
        """Write the whole file and return its size in bytes.

        For whom it is written is asked again now: an export does not outlive a permission.
        """
        wanted = await self._wanted()
        if wanted.kind.counts:
            await self.meter.ensure_some_left(wanted.principal.id, Kind.ROWS)
        columns = await columns_of(self.database, wanted)
        async with self.database.read() as session:
            self.total = await wanted.kind.count(session, wanted.filters)
        file, name = table_file(cast(FileFormat, self.item.format)), cast(str, self.item.file_name)
        target = await in_thread(lambda: self.folder.part(name).open("wb"))
        try:
            header = [column.heading(wanted.language) for column in columns]
            money = {number for number, column in enumerate(columns) if column.money}
            await in_thread(lambda: target.write(file.begin(wanted.kind.title_in(wanted.language), header, money)))
            async for batch in pages_of(self.database, wanted, columns):
                self.total = batch.total if self.total is None else self.total
                await in_thread(lambda rows=batch.rows: target.write(file.add(rows)))
                self.rows += len(batch.rows)
                if wanted.kind.counts:
                    await self.meter.add(wanted.principal.id, Kind.ROWS, len(batch.rows))
            await in_thread(lambda: target.write(file.close()))
        finally:
            await in_thread(target.close)
        return await in_thread(self.folder.finish, name)

    async def _wanted(self) -> Wanted:
        async with self.database.read() as session:
            user = await get_user(session, self.item.created_by)
        if user is None or not user.is_active:
            raise Forbidden("This person may not sign in any more.")
        principal = Principal(user.id, user.name, Role(user.role), frozenset(user.blocked_pages), "")
        return wanted_by(principal, self.item.kind, self.item.filters, self.item.language)
