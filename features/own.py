"""Features of one's own: a file beside the catalogue, without touching the engine."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from features.catalogue import CATALOGUE, MODULES, Catalogue
from features.feature import Feature, FeatureRefused


def catalogue_with(files: Iterable[Path]) -> Catalogue:
    """The catalogue and after it the features of `files` (Python files), in their order.

    Raises FeatureRefused where a file is not there, cannot be run or declares nothing, and where a name comes twice.
    """
    paths = [Path(file) for file in files]
    own = [load_features(path) for path in paths]
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    return Catalogue.of((*MODULES, *own), hashes) if own else CATALOGUE


def load_features(file: Path) -> ModuleType:
    """The module in `file`, run once; its name is made from its path, so two files of one name may live side by side.

    Raises FeatureRefused with a sentence that says what is wrong with it.
    """
    if not file.is_file() or file.suffix != ".py":
        raise FeatureRefused(f"{file}: got {'no such file' if not file.exists() else 'no Python file'}; allowed: *.py")
    name = f"own_{file.stem}_{hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:8]}"
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise FeatureRefused(f"{file}: cannot be read as Python")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except FeatureRefused as refused:
        raise FeatureRefused(f"{file}: {refused}") from refused
    except Exception as error:
        raise FeatureRefused(f"{file}: {_sentence(error, file)}") from error
    if not any(isinstance(value, Feature) for value in vars(module).values()):
        raise FeatureRefused(f"{file}: declares no feature; allowed: functions decorated with features.feature.feature")
    return module


def _sentence(error: Exception, file: Path) -> str:
    """What Python says of the error, with the line of the file where it can be told."""
    line = getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == str(file):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{f'line {line}: ' if line else ''}{type(error).__name__}: {error}"
