"""A catalogue sent to another machine: the texts of the files of one's own, and how to tell that it is the same one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from book.errors import Refusal
from features.catalogue import Catalogue
from features.own import catalogue_with


@dataclass(frozen=True)
class SentCatalogue:
    """`own` are names and texts of the files with features of one's own; `fingerprint` is the sender's."""

    own: tuple[tuple[str, str], ...]
    fingerprint: str

    @classmethod
    def of(cls, files: Sequence[Path | str] = ()) -> SentCatalogue:
        """The house's catalogue and after it the features in `files`. Raises FeatureRefused where one is of no use."""
        paths = [Path(file) for file in files]
        catalogue = catalogue_with(paths)
        return cls(tuple((path.name, path.read_text("utf-8")) for path in paths), catalogue.fingerprint)

    def opened(self) -> Catalogue:
        """The catalogue, made once in a process. Raises Refusal where this machine makes another one of it."""
        return _opened(self)


@lru_cache(maxsize=4)
def _opened(sent: SentCatalogue) -> Catalogue:
    with TemporaryDirectory() as folder:
        files = [Path(folder) / name for name, _ in sent.own]
        for file, (_, text) in zip(files, sent.own, strict=True):
            file.write_text(text, "utf-8")
        catalogue = catalogue_with(files)
        if catalogue.fingerprint != sent.fingerprint:
            raise Refusal(
                f"the catalogue is not the sender's; got: {catalogue.fingerprint}; allowed: {sent.fingerprint}: "
                "both machines need the same version of this package"
            )
    return catalogue
