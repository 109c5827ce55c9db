"""A small simulated book, a model trained on it in a second, and the API around that model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import lightgbm
import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.testclient import TestClient

from book.clock import end_of_day, month_end, month_of
from book.known import known
from book.load import Book, load, open_book
from book.store_write import StoreWriter
from book.tables import Tables
from features.catalogue import CATALOGUE
from features.history import History
from features.standing import STATUSES, standing
from models.bundle import Bundle, Golden
from models.calibration import Calibration
from models.opening import load_bundle
from models.predict import Model
from models.reference import population
from policy.pack import Pack, load_pack
from serving.access.door import Door
from serving.access.keys import WatchedKeys, add_key
from serving.access.limits import Rate, RateLimit
from serving.access.roles import Role
from serving.access.sessions import Sessions
from serving.access.tokens import Provider, Tokens
from serving.app import create_app
from serving.backing import Backing
from serving.incoming import Incoming
from serving.journal import Journal
from serving.memory import Memory
from serving.scorer import Scorer
from serving.wiring import Wiring, open_store

AS_OF = (date(2023, 6, 30) - date(1970, 1, 1)).days
Body = dict[str, Any]


@pytest.fixture(scope="session")
def as_of() -> int:
    """A month end when most loans of the small book are running."""
    return AS_OF


@pytest.fixture(scope="session")
def book(small_book: Path) -> Book:
    return open_book(small_book)


@pytest.fixture(scope="session")
def parts(book: Book) -> list[Tables]:
    return [load(part, book.settings).tables for part in book.parts]


def train(book: Book, parts: list[Tables], trees: int = 40) -> Bundle:
    """A model of "worse than now": labels are a noisy function of the features; enough to have reasons."""
    days = month_end(month_of(np.array([AS_OF])) - np.arange(12, 0, -2))
    rows = []
    for tables in parts:
        loan = np.arange(len(tables.loan_ids), dtype=np.int32)
        h = History(known(tables, np.tile(loan, len(days)), np.repeat(days, len(loan))), book.settings)
        rows.append(CATALOGUE.matrix(h)[standing(h) == STATUSES.index("scored")])
    x = np.concatenate(rows)
    odds = np.nan_to_num(x).argsort(axis=0).argsort(axis=0)[:, :8].mean(axis=1) / len(x)
    y = (odds + np.random.default_rng(1).normal(0, 0.1, len(x)) > 0.6).astype(int)
    parameters = {
        "objective": "binary",
        "num_leaves": 15,
        "min_data_in_leaf": 10,
        "verbose": -1,
        "num_threads": 1,
    }
    booster = lightgbm.train(parameters, lightgbm.Dataset(x.astype(np.float64), y), trees)
    draft = bundle_of(booster.model_to_string(), x, book, Golden(x[:0], np.zeros(0), np.zeros(0)))
    model = Model(draft)
    golden = Golden(x[:5], model.raw(x[:5]), model.pd(x[:5]))
    return bundle_of(draft.model_text, x, book, golden)


def bundle_of(model_text: str, x: np.ndarray, book: Book, golden: Golden) -> Bundle:
    contributions = lightgbm.Booster(model_str=model_text).predict(x[:1].astype(np.float64), pred_contrib=True)
    return Bundle(
        target="default_12m",
        horizon=12,
        features=CATALOGUE.names,
        fingerprint=CATALOGUE.fingerprint,
        model_text=model_text,
        calibration=Calibration("platt", slope=0.9, intercept=-1.0),
        reference=population(x),
        expected=float(np.asarray(contributions)[0, -1]),
        golden=golden,
        settings=asdict(replace(book.settings, posting_lag_days={})),
    )


@pytest.fixture(scope="session")
def bundle(book: Book, parts: list[Tables]) -> Bundle:
    return train(book, parts)


@pytest.fixture(scope="session")
def models_dir(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with one champion."""
    folder = tmp_path_factory.mktemp("models")
    bundle.save(folder / "bundles" / bundle.id)
    (folder / "champion").write_text(bundle.id)
    return folder


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack()


@pytest.fixture(scope="session")
def scorer(models_dir: Path, bundle: Bundle, pack: Pack, book: Book) -> Scorer:
    return Scorer(load_bundle(models_dir / "bundles" / bundle.id), pack, book.settings)


@pytest.fixture(scope="session")
def client(models_dir: Path) -> Iterator[TestClient]:
    """The API with the champion of `models_dir`; errors of the server are answers, as outside of tests."""
    with TestClient(create_app(Wiring(models_dir).service()), raise_server_exceptions=False) as client:
        yield client


def plain(value: object) -> object:
    """A value of a Parquet file as a client would send it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


@pytest.fixture(scope="session")
def bodies(small_book: Path, as_of: int) -> list[Body]:
    """A request for all loans of every borrower of the small book, as a client that reads its files would send."""
    found: dict[str, Body] = {}
    for part in sorted(small_book.glob("part-*")):
        rows = {path.stem: pq.read_table(path).to_pylist() for path in sorted(part.glob("*.parquet"))}
        owner = {row["loan_id"]: row["borrower_id"] for row in rows["loans"]}
        for borrower in dict.fromkeys(owner.values()):
            tables: dict[str, list[Body]] = {name: [] for name in rows}
            found[borrower] = {
                "as_of": np.datetime64(as_of, "D").item().isoformat(),
                "book_complete": True,
                "score": [loan for loan, whose in owner.items() if whose == borrower],
                "tables": tables,
            }
        for name, table in rows.items():
            for row in table:
                borrower = row["borrower_id"] if row.get("borrower_id") else owner[row["loan_id"]]
                kept = {key: plain(value) for key, value in row.items() if value is not None}
                if borrower in found:
                    found[borrower]["tables"][name].append(kept)
    return list(found.values())


@pytest.fixture
def body(bodies: list[Body]) -> Body:
    """A copy of one borrower's request, free to be spoilt."""
    copied: Body = msgspec.json.decode(msgspec.json.encode(bodies[0]))
    return copied


@pytest.fixture(scope="session")
def post(client: TestClient) -> Callable[..., Any]:
    """Send a value as JSON and give back the response."""

    def send(path: str, value: object) -> Any:
        content = value if isinstance(value, bytes) else msgspec.json.encode(value)
        return client.post(path, content=content, headers={"content-type": "application/json"})

    return send


ISSUER = "https://id.example"
SIGNING = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def signing() -> rsa.RSAPrivateKey:
    """The signing key of the identity provider."""
    return SIGNING


class _Found:
    key = SIGNING.public_key()


class _KeySet:
    """The key set of an identity provider, without a network."""

    def get_signing_key_from_jwt(self, _: str) -> _Found:
        return _Found()


@pytest.fixture(scope="session")
def store_root(book: Book, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small book as a night left it in the store."""
    root = tmp_path_factory.mktemp("store")
    cutoff = int(end_of_day(np.array([AS_OF]), book.settings.timezone)[0])
    writer = StoreWriter.begin(root, "night", settings=book.settings, as_of=AS_OF, cutoff=cutoff)
    for part in book.parts:
        writer.add(part.name, load(part, book.settings))
    writer.finish()
    return root


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """A journal of the module's own."""
    with Journal.open(tmp_path_factory.mktemp("journal") / "journal.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A key for each role, and where they are kept under "file"."""
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    made = {role.value: add_key(path, role.value, [role.value], date(2026, 1, 1)) for role in Role}
    made["Wang Li"] = add_key(path, "Wang Li", ["approver"], date(2026, 1, 1))
    made["late"] = add_key(path, "late", ["monitor"], date(2020, 1, 1), date(2020, 2, 1))
    return made | {"file": str(path)}


@pytest.fixture(scope="module")
def guarded(models_dir: Path, journal: Journal, store_root: Path, keys: dict[str, str]) -> Iterator[TestClient]:
    """The whole service: keys, tokens, journal, store; no demo."""
    tokens = Tokens(Provider(ISSUER, "loanwatch", "https://id.example/keys"), _KeySet())
    door = Door(WatchedKeys(Path(keys["file"])), tokens, Sessions("s" * 40), RateLimit(Rate(10_000, 20_000)))
    incoming = Incoming(journal)
    backing = Backing(door, journal, open_store(store_root, incoming), Memory(journal), incoming)
    app = create_app(Wiring(models_dir).service(memory=backing.memory), 60, backing)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def ask(guarded: TestClient, keys: dict[str, str]) -> Callable[..., Any]:
    """Ask as the holder of a role."""

    def send(role: str, method: str, path: str, body: object = None, key: str = "", headers: Any = None) -> Any:
        given = {"x-api-key": keys[role]} | (headers or {}) | ({"idempotency-key": key} if key else {})
        content = body if isinstance(body, bytes) else None if body is None else msgspec.json.encode(body)
        if content is not None:
            given["content-type"] = "application/json"
        return guarded.request(method, path, content=content, headers=given)

    return send


@pytest.fixture(scope="module")
def scored_twice(ask: Callable[..., Any], bodies: list[Body]) -> str:
    """A loan with two scores, of two month ends."""
    for body in bodies[5:]:
        told = [
            ask("monitor", "POST", "/v1/scores", body | {"as_of": day}).json() for day in ("2023-05-31", "2023-06-30")
        ]
        if all("scores" in one and one["scores"][0]["pd"] is not None for one in told):
            return str(told[0]["scores"][0]["loan_id"])
    raise AssertionError("no loan of the book was scored at both month ends")


@pytest.fixture(scope="module")
def an_alert(ask: Callable[..., Any], bodies: list[Body]) -> str:
    """An open alert, among several."""
    ask("monitor", "POST", "/v1/scores/batch", {"requests": bodies[:60]})
    found = ask("officer", "GET", "/v1/alerts?status=open").json()["alerts"]
    assert len(found) > 1
    return str(found[0]["alert_id"])


@pytest.fixture(scope="session")
def loan_of_store(bodies: list[Body]) -> str:
    """A loan that the night knows."""
    return str(bodies[0]["score"][0])
