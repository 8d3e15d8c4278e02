"""The one channel to the outside: a chat of Telegram, for digests. Off until an admin sets it up."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from crm_boost.configuration import service as configuration
from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import InvalidInput
from crm_boost.notifications import channel_repository as repository
from crm_boost.notifications import telegram
from crm_boost.notifications.channel_schemas import ChannelChange
from crm_boost.notifications.digest_kinds import Digest
from crm_boost.notifications.errors import ChannelNotSetUp, ChannelRefused
from crm_boost.notifications.events import MessageWaits
from crm_boost.notifications.sealing import Sealer
from crm_boost.settings import Settings

SETTINGS = "telegram"
_SEALED_AS = "telegram_token"
_LATEST = 10


class ChannelConfig(BaseModel):
    """What is not secret of the channel."""

    enabled: bool = False
    chat_id: str = ""
    language: Literal["en", "id"] = "id"
    digests: list[Digest] = list(Digest)


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """Where messages go. Not shown anywhere: it holds the token."""

    token: str
    chat_id: str


async def config_of(session: ReadSession) -> ChannelConfig:
    """Return how the channel is set up."""
    return (await configuration.read(session, SETTINGS, ChannelConfig)).value


async def target_of(session: ReadSession, sealer: Sealer, *, even_if_off: bool = False) -> Target | None:
    """Return where messages go; None while the channel is off or not set up."""
    config = await config_of(session)
    sealed = await repository.sealed(session, _SEALED_AS)
    token = sealer.open(sealed) if sealed is not None else None
    if token is None or not config.chat_id or not (config.enabled or even_if_off):
        return None
    return Target(token, config.chat_id)


async def shown(session: ReadSession, sealer: Sealer) -> dict[str, Any]:
    """Return the channel as admins see it: whether there is a token, never the token; and what was sent last."""
    stored = await configuration.read(session, SETTINGS, ChannelConfig)
    sealed = await repository.sealed(session, _SEALED_AS)
    answer: dict[str, Any] = {
        **stored.value.model_dump(),
        "has_token": sealed is not None and sealer.open(sealed) is not None,
        "messages": [
            {
                name: value
                for name in ("kind", "state", "attempts", "created_at", "ended_at", "error")
                if (value := getattr(message, name)) is not None
            }
            for message in await repository.latest(session, _LATEST)
        ],
    }
    if stored.updated_at is not None:
        answer |= {"updated_at": stored.updated_at, "updated_by_name": stored.updated_by_name}
    return answer


async def change(session: WriteSession, sealer: Sealer, wanted: ChannelChange) -> dict[str, Any]:
    """Set the channel up. Without `token` the one that is stored stays, an empty one is removed; the audit log says that
    it was changed, not what it is."""
    context = current_context()
    if wanted.token is not None:
        if wanted.token:
            row = {
                "name": _SEALED_AS,
                "sealed": sealer.seal(wanted.token),
                "updated_at": utc_now(),
                "updated_by_name": context.actor_name,
            }
            await repository.put_sealed(session, row)
        else:
            await repository.forget_sealed(session, _SEALED_AS)
        await record_audit(session, "channel.token_changed", "settings", SETTINGS, removed=not wanted.token)
    config = ChannelConfig.model_validate(wanted.model_dump(exclude={"token"}))
    if config.enabled:
        sealed = await repository.sealed(session, _SEALED_AS)
        if sealed is None or sealer.open(sealed) is None:
            raise InvalidInput.of("token", "A channel that is on needs a token.", "missing")
        if not config.chat_id:
            raise InvalidInput.of("chat_id", "A channel that is on needs a chat.", "missing")
    await configuration.write(session, SETTINGS, config)
    return await shown(session, sealer)


async def send_test(database: Database, settings: Settings, text: str) -> None:
    """Send a text now, also while the channel is off. What is wrong is said; nothing is tried again."""
    async with database.read() as session:
        target = await target_of(session, Sealer(settings), even_if_off=True)
    if target is None:
        raise ChannelNotSetUp("Store a token and a chat first.")
    result = await telegram.send(settings.telegram.url, target.token, target.chat_id, text)
    if result.error is not None:
        raise ChannelRefused(f"The message did not arrive ({result.error}).", reason=result.error)


async def tell_channel(session: WriteSession, digest: Digest, key: str, body: str, *, wanted: bool) -> bool:
    """Leave a message for the channel, once for each key; where it is not wanted, only that it is settled. Return whether
    it is new."""
    now = utc_now()
    row: dict[str, Any] = {
        "key": key,
        "kind": digest,
        "body": body if wanted else "",
        "state": "waiting" if wanted else "off",
        "attempts": 0,
        "not_before": now,
        "created_at": now,
        "ended_at": None if wanted else now,
    }
    if not await repository.add_message(session, row):
        return False
    if wanted:
        await session.emit(MessageWaits())
    return True
