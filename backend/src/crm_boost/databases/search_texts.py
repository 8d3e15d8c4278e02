"""What search looks in, of one record (spec 2.7, `q`)."""

from collections.abc import Sequence

from crm_boost.databases.customer_key import search_folds
from crm_boost.databases.phones import phone_digits


def search_texts(
    identities: Sequence[str],
    keys: Sequence[str],
    names: Sequence[str] | None,
    phones: Sequence[str] | None,
    numbers: Sequence[str | None],
) -> list[str]:
    """Return for each record: identity, name, digits of the phone and its international form. `names` and `phones` are
    None where the database has no such column."""
    folded = search_folds(identities)
    if folded != list(keys):
        folded = [f"{fold}\n{key}" if fold != key else fold for fold, key in zip(folded, keys, strict=True)]
    if names is not None:
        folded = [f"{fold}\n{name}" for fold, name in zip(folded, search_folds(names), strict=True)]
    if phones is not None:
        folded = [
            f"{fold}\n{phone_digits(phone)}\n{number or ''}" if phone else fold
            for fold, phone, number in zip(folded, phones, numbers, strict=True)
        ]
    return folded
