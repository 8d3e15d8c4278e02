"""Where documents come from: the folder that `mongodump` wrote, or a running MongoDB.

Both hand out one collection after the other, document by document, and the raw bytes of each, by which two readings are
told to be of the same data.
"""

import gzip
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, cast

from bson import CodecOptions, decode
from bson.codec_options import DatetimeConversion
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

Document = dict[str, Any]

# Dates beyond what Python knows stay readable as something that is no date; broken text is not the end of an import.
_OPTIONS: CodecOptions[Document] = CodecOptions(
    tz_aware=True,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="replace",
)
_LARGEST_DOCUMENT = 48 * 1024 * 1024
_LENGTH = 4
_SECONDS = 10
_SUFFIXES = (".bson", ".bson.gz")


class SourceFailed(Exception):
    """The documents cannot be read; the message says why and what to do, without passwords."""


class Source(Protocol):
    """Something that holds collections. `name` tells a person what it is, without secrets."""

    name: str

    async def collections(self) -> list[str]:
        """Return the names of all collections, sorted."""

    def documents(self, collection: str) -> AsyncIterator[tuple[bytes, Document]]:
        """Yield each document with its raw bytes, in the same order every time."""


def decoded(raw: bytes) -> Document:
    """Return the document of its bytes; refuses what is not one."""
    try:
        return decode(raw, _OPTIONS)
    except (BSONError, ValueError, OverflowError) as error:
        raise SourceFailed(f"A document cannot be read: {error}.") from error


class DumpSource:
    """The folder of one database in a dump. Never more than one document in memory."""

    def __init__(self, folder: Path) -> None:
        self.name = f"the dump {folder.name}"
        self._files = _files_in(folder)

    async def collections(self) -> list[str]:
        return sorted(self._files)

    async def documents(self, collection: str) -> AsyncIterator[tuple[bytes, Document]]:
        path = self._files[collection]
        with ExitStack() as files:
            file: Any = files.enter_context(path.open("rb"))
            if path.suffix == ".gz":
                file = files.enter_context(gzip.GzipFile(fileobj=file))
            for raw in _raw_documents(cast(BinaryIO, file), path.name):
                yield raw, decoded(raw)


def _files_in(folder: Path) -> dict[str, Path]:
    """Return the files of the collections. A folder that only holds the folder of one database is that folder."""
    if not folder.is_dir():
        raise SourceFailed(f"There is no folder {folder}. Give the folder that mongodump wrote.")
    found = _collections_in(folder)
    inside = [inner for inner in sorted(folder.iterdir()) if inner.is_dir() and _collections_in(inner)]
    if not found and len(inside) > 1:
        names = ", ".join(inner.name for inner in inside)
        raise SourceFailed(f"The dump holds several databases ({names}). Give the folder of one of them.")
    found = found or (_collections_in(inside[0]) if inside else {})
    if not found:
        raise SourceFailed(f"There is no collection in {folder}: no file ends in .bson or .bson.gz.")
    return found


def _collections_in(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        suffix = next((suffix for suffix in _SUFFIXES if path.name.endswith(suffix)), None)
        if suffix is None or not path.is_file() or path.name.startswith(("system.", ".")):
            continue
        name = path.name.removesuffix(suffix)
        if name in found:
            raise SourceFailed(f"The collection {name} is there twice, packed and unpacked. Remove one of the files.")
        found[name] = path
    return found


def _raw_documents(file: BinaryIO, name: str) -> Iterator[bytes]:
    while head := _exactly(file, _LENGTH, name):
        length = int.from_bytes(head, "little", signed=True)
        if not _LENGTH < length <= _LARGEST_DOCUMENT:
            raise SourceFailed(f"{name} is not a file of documents, or is damaged.")
        yield head + _exactly(file, length - _LENGTH, name, required=True)


def _exactly(file: BinaryIO, count: int, name: str, *, required: bool = False) -> bytes:
    try:
        found = file.read(count)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceFailed(f"{name} cannot be read to its end: the file is damaged or was cut off.") from error
    if len(found) < count and (found or required):
        raise SourceFailed(f"{name} ends in the middle of a document: the file is damaged or was cut off.")
    return found


class ServerSource(AbstractAsyncContextManager["ServerSource"]):
    """One database of a running MongoDB. It is only read."""

    def __init__(self, uri: str, database: str | None = None) -> None:
        wait: dict[str, Any] = (
            {} if "serverselectiontimeoutms" in uri.casefold() else {"serverSelectionTimeoutMS": _SECONDS * 1000}
        )
        try:
            self._client: AsyncMongoClient[RawBSONDocument] = AsyncMongoClient(
                uri, document_class=RawBSONDocument, appname="crm-boost", **wait
            )
            self._database = self._client[database] if database else self._client.get_default_database()
        except (PyMongoError, ValueError, TypeError) as error:
            # The address holds the password: the message of the driver could repeat it.
            raise SourceFailed(
                "This is no address of a MongoDB database: mongodb://user:password@host/name."
            ) from error
        self.name = f"the database {self._database.name}"

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def collections(self) -> list[str]:
        try:
            names = await self._database.list_collection_names()
        except PyMongoError as error:
            raise _unreachable(error) from error
        return sorted(name for name in names if not name.startswith("system."))

    async def documents(self, collection: str) -> AsyncIterator[tuple[bytes, Document]]:
        try:
            async for found in self._database[collection].find().sort("_id", 1).batch_size(1000):
                raw = bytes(found.raw)
                yield raw, decoded(raw)
        except PyMongoError as error:
            raise _unreachable(error) from error


def _unreachable(error: PyMongoError) -> SourceFailed:
    return SourceFailed(
        f"MongoDB does not answer as expected ({type(error).__name__}). Check the address, the user's right to read, and"
        " that this machine may connect."
    )
