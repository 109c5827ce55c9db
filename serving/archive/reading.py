"""Taking out of the archive what a score was made with; every hash is computed again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from book.errors import Refusal
from book.settings import Settings
from features.context import Context
from features.context_file import read_context
from models.bundle import Bundle, FeatureSet
from models.opening import load_bundle
from policy.pack import Pack, pack_of
from serving.archive import names
from serving.archive.folder import Archive, Unkept
from serving.journal.chain import digest


def kept_bundle(archive: Archive, id_: str, catalogue: FeatureSet) -> Bundle:
    """A bundle. Raises Refusal where it is not there, was altered, or is not for this version."""
    for file in (names.MODEL, names.FACTS):
        archive.read(names.of_bundle(id_, file), f"the bundle {short(id_)}")
    try:
        found = load_bundle(archive.path(names.of_bundle(id_, names.FACTS)).parent, catalogue)
    except Refusal as error:
        raise Unkept(f"the bundle {short(id_)}: {error}") from error
    if found.id != id_:
        raise Unkept(f"the bundle {short(id_)}: {archive.path(f'bundles/{id_}')} holds another one, {short(found.id)}")
    return found


def kept_parts(archive: Archive, hash_: str) -> dict[Path, bytes]:
    """The files of a pack, by place. Raises Unkept where one is not there or was altered."""
    what = f"the policy pack {short(hash_)}"
    listed = archive.read(names.of_pack(hash_), what)
    try:
        parts = msgspec.json.decode(listed, type=list[str])
    except msgspec.DecodeError:
        parts = []
    if digest("\n".join(sorted(parts)).encode()) != hash_:
        raise Unkept(f"{what}: {archive.path(names.of_pack(hash_))} was altered: it lists other files")
    found = {}
    for part in parts:
        content = archive.read(names.of_part(part), what)
        _same(archive, names.of_part(part), content, part, what)
        found[archive.path(names.of_part(part))] = content
    return found


def kept_pack(archive: Archive, hash_: str, id_: str) -> Pack:
    """A pack under the id it was used by. Raises Refusal, PackRefused where this version cannot read it."""
    return pack_of(id_, kept_parts(archive, hash_))


def kept_context(archive: Archive, hash_: str) -> Context:
    """The figures of cohorts. Raises Refusal."""
    what, path = f"the cohort figures {short(hash_)}", archive.path(names.of_context(hash_))
    if not archive.has(names.of_context(hash_)):
        raise Unkept(f"{what}: {path} is not there")
    try:
        context = read_context(path)
    except Refusal as error:
        raise Unkept(f"{what}: {path} was altered: {error}") from error
    if context.hash != hash_:
        raise Unkept(f"{what}: {path} was altered: it holds others, {short(context.hash)}")
    return context


def kept_settings(archive: Archive, hash_: str) -> Settings:
    """Settings of a book. Raises Unkept."""
    what, name = f"the settings {short(hash_)}", names.of_settings(hash_)
    content = archive.read(name, what)
    _same(archive, name, content, hash_, what)
    try:
        return names.read_settings(content)
    except (msgspec.DecodeError, TypeError, ValueError) as error:
        raise Unkept(f"{what}: {archive.path(name)} is of another version: {error}") from None


def own_of(archive: Archive, bundle: str) -> dict[str, str]:
    """The lender's own files that a bundle names, with their hashes. Raises Unkept."""
    content = archive.read(names.of_bundle(bundle, names.FACTS), f"the bundle {short(bundle)}")
    try:
        return dict(msgspec.json.decode(content)["own"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise Unkept(f"the bundle {short(bundle)}: its files were altered: {error!r}") from None


def kept_own(archive: Archive, own: Mapping[str, str], folder: Path) -> list[Path]:
    """The lender's own files, put into a folder under their names, in their order. Raises Unkept."""
    found = []
    for file, hash_ in own.items():
        what, name = f"own features {file} ({short(hash_)})", names.of_own(hash_)
        content = archive.read(name, what)
        _same(archive, name, content, hash_, what)
        path = folder / Path(file).name
        path.write_bytes(content)
        found.append(path)
    return found


def short(hash_: str) -> str:
    """The beginning of a hash, as people are shown it."""
    return f"{hash_[:12]}..."


def _same(archive: Archive, name: str, content: bytes, hash_: str, what: str) -> None:
    found = digest(content)
    if found != hash_:
        raise Unkept(f"{what}: {archive.path(name)} was altered: its hash is {short(found)}, must be {short(hash_)}")
