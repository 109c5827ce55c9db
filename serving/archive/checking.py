"""Checking the archive: is everything there that entries of the journal name, and is it what it was?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from book.errors import Refusal
from models.bundle import content_id
from serving.archive import names
from serving.archive.folder import Archive, Unkept
from serving.archive.reading import kept_context, kept_parts, kept_settings, short

Check = Callable[[], object]


def faults_of(archive: Archive, columns: dict[str, Any], erased: Iterable[str] = ()) -> Iterator[str]:
    """What is wrong with the files that an entry names, each with hash and place.

    `columns` are those of an entry of the kind means; of the figures of cohorts `erased`, none needs to be there.
    """
    checks: list[Check] = [
        partial(_bundle, archive, columns["bundle_id"]),
        partial(kept_parts, archive, columns["pack_hash"]),
        partial(kept_settings, archive, columns["settings_hash"]),
    ]
    if columns["context_hash"] and columns["context_hash"] not in erased:
        checks.append(partial(kept_context, archive, columns["context_hash"]))
    for check in checks:
        try:
            check()
        except Refusal as fault:
            yield str(fault)


def _bundle(archive: Archive, id_: str) -> None:
    """The files of a bundle, which another version may have written, and of the lender's own features it names."""
    what, folder = f"the bundle {short(id_)}", archive.path(f"bundles/{id_}")
    text = archive.read(names.of_bundle(id_, names.MODEL), what)
    facts = archive.read(names.of_bundle(id_, names.FACTS), what)
    try:
        data = json.loads(facts)
        found = content_id(text.decode("utf-8"), {name: value for name, value in data.items() if name != "id"})
        own = dict(data.get("own", {}))
    except (ValueError, AttributeError, TypeError) as error:
        raise Unkept(f"{what}: {folder} was altered: {error}") from None
    if found != id_ or data.get("id") != id_:
        raise Unkept(f"{what}: {folder} was altered: its hash is {short(found)}")
    for file, hash_ in own.items():
        if not archive.has(names.of_own(hash_)):
            raise Unkept(f"own features {file} ({short(hash_)}): {archive.path(names.of_own(hash_))} is not there")
