"""How fast does the API answer? Starts the server and measures it beside a route that does nothing.

    loanwatch train BOOK --out out/models        # any champion will do
    python benchmarks/api.py --models out/models

One request is one loan with 24 instalments, 24 payments and 600 account movements, raw, answered with its
score and reasons. Client and server share the machine, so the ratio to the route that does nothing is the
main figure.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

MONTHS = 24
PAYMENTS = 24
MOVEMENTS = 600
START = date(2022, 10, 20)
AS_OF = date(2024, 6, 30)
NO_LIMIT = {"LOANWATCH_RATE": "1000000", "LOANWATCH_BURST": "1000000"}


def body() -> bytes:
    """One borrower's tables: a running loan of 24 dues, 24 payments on the 20 that fell due, and account movements."""
    dues = [START + timedelta(days=round(30.44 * number)) for number in range(1, MONTHS + 1)]
    loan = {
        "loan_id": "L-1", "borrower_id": "B-1", "product": "consumer", "borrower_type": "person",
        "currency": "CNY", "principal": "24000.00", "annual_rate": 0.12, "disbursed_on": str(START),
        "maturity_on": str(dues[-1]), "n_instalments": MONTHS, "repayment_type": "equal_principal",
        "posted_at": f"{START}T12:00:00Z",
    }  # fmt: skip
    tables: dict[str, list[dict[str, Any]]] = {
        "loans": [loan],
        "instalments": [],
        "payments": payments([due for due in dues if due <= AS_OF]),
        "cashflow": [],
    }
    for number, due in enumerate(dues, 1):
        tables["instalments"].append({
            "loan_id": "L-1", "instalment_no": number, "schedule_version": 1, "valid_from": str(START),
            "due_on": str(due), "principal_due": "1000.00", "interest_due": "120.00", "fee_due": "0.00",
            "posted_at": f"{START}T12:00:00Z",
        })  # fmt: skip
    for number in range(MOVEMENTS):
        day = START + timedelta(days=number * (AS_OF - START).days // MOVEMENTS)
        tables["cashflow"].append({
            "txn_id": f"T-{number}", "borrower_id": "B-1", "account_id": "A-1", "booked_on": str(day),
            "amount": "6000.00" if number % 25 == 0 else "-230.50",
            "category": "salary" if number % 25 == 0 else "essential", "counterparty_id": f"C-{number % 9}",
            "posted_at": f"{day}T12:00:00Z",
        })  # fmt: skip
    whole = {"as_of": str(AS_OF), "book_complete": True, "score": ["L-1"], "tables": tables}
    return json.dumps(whole, separators=(",", ":")).encode()


def payments(due: list[date]) -> list[dict[str, Any]]:
    """24 payments: the last three dues late, as many in two parts as it takes."""
    parts = [(day + timedelta(days=5 if number >= len(due) - 3 else 0), "1120.00") for number, day in enumerate(due)]
    for _ in range(PAYMENTS - len(due)):
        day, _ = parts.pop(0)
        parts += [(day, "500.00"), (day + timedelta(days=2), "620.00")]
    return [
        {
            "payment_id": f"P-{number}", "loan_id": "L-1", "paid_on": str(paid), "amount": amount,
            "purpose": "scheduled", "method": "autopay", "status": "posted", "posted_at": f"{paid}T12:00:00Z",
        }
        for number, (paid, amount) in enumerate(sorted(parts), 1)
    ]  # fmt: skip


@contextmanager
def server(models: Path, workers: int, journal: str = "none") -> Iterator[int]:
    """`loanwatch serve` in a process of its own; yields its port and stops it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-c", "from loanwatch.main import main; main()", "serve", "--demo"]
    command += ["--models", str(models), "--port", str(port), "--workers", str(workers), "--journal", journal]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | NO_LIMIT)
    try:
        while not ready(port):
            if process.poll() is not None or time.perf_counter() - started > 60:
                raise SystemExit("the server did not get ready; run the same `loanwatch serve` by hand to see why")
            time.sleep(0.05)
        print(f"ready after {time.perf_counter() - started:.1f} s, {memory(process.pid)}")
        yield port
    finally:
        process.terminate()
        process.wait(10)


def ready(port: int) -> bool:
    """Whether the server can score."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def memory(pid: int) -> str:
    """The resident memory of a process, where the system tells it."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return "memory not known"
    return f"{pages * os.sysconf('SC_PAGE_SIZE') / 1e6:.0f} MB"


def request(path: str, content: bytes) -> bytes:
    """The bytes of one HTTP request that keeps its connection."""
    if not content:
        return f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(content)}"
    return head.encode() + b"\r\n\r\n" + content


async def connection(port: int, sent: bytes, until: float, times: list[float]) -> None:
    """Send the same request again and again on one connection until `until`; note how long each took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        begun = time.perf_counter()
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"got {head.splitlines()[0].decode()}: {answer[:400].decode()}")
        times.append(time.perf_counter() - begun)
    writer.close()


async def measure(port: int, sent: bytes, connections: int, seconds: float) -> tuple[float, float, float]:
    """p50 and p99 in milliseconds, and requests a second."""
    times: list[float] = []
    begun = time.perf_counter()
    await asyncio.gather(*(connection(port, sent, begun + seconds, times) for _ in range(connections)))
    rate = len(times) / (time.perf_counter() - begun)
    ordered = sorted(times)
    return ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3, rate


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--models", type=Path, default=Path("out/models"), help="models folder with a champion")
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--seconds", type=float, default=5.0, help="length of each measurement")
    options.add_argument("--journal", default="", help="URL of the journal, or none; default: SQLite in a new folder")
    chosen = options.parse_args()
    content = body()
    print(f"body {len(content) / 1e3:.0f} KB: {MONTHS} dues and payments, {MOVEMENTS} account movements")
    with tempfile.TemporaryDirectory() as folder:
        journal = chosen.journal or f"sqlite:///{folder}/journal.db"
        tell(chosen.models, chosen.workers, journal, content, chosen.seconds)


def tell(models: Path, workers: int, journal: str, content: bytes, seconds: float) -> None:
    """Start the server, measure, print."""
    with server(models, workers, journal) as port:
        score, nothing = request("/v1/scores", content), request("/healthz", b"")
        asyncio.run(measure(port, score, 1, min(2.0, seconds)))
        print(f"{'':14}{'connections':>12}{'p50 ms':>9}{'p99 ms':>9}{'a second':>10}")
        for connections in (1, 16):
            rates = []
            for name, sent in (("no-op", nothing), ("score", score)):
                p50, p99, rate = asyncio.run(measure(port, sent, connections, seconds))
                print(f"{name:14}{connections:>12}{p50:>9.2f}{p99:>9.2f}{rate:>10.0f}")
                rates.append(rate)
            print(f"{'score / no-op':14}{connections:>12}{'':18}{rates[1] / rates[0]:>10.2f}")


if __name__ == "__main__":
    main()
