"""The serving process stays small: it never imports what only training needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = "mlflow shap pandas polars sklearn matplotlib optuna numba.cuda"
SERVED = """
import asyncio, sys
import httpx
from pathlib import Path
from serving.lean import import_lightgbm
import_lightgbm()
from serving.app import create_app
from serving.wiring import Wiring, example_body

async def main():
    app = create_app(Wiring(Path(sys.argv[1])).service())
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            headers = {"content-type": "application/json"}
            answer = await client.post("/v1/scores", content=example_body(), headers=headers)
            assert answer.status_code == 200, answer.text
asyncio.run(main())
print(*sorted(set(sys.argv[2].split()) & set(sys.modules)))
"""


def test_a_served_score_imports_nothing_that_only_training_needs(models_dir: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SERVED, str(models_dir), HEAVY], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == []


def test_hidden_companions_can_be_imported_afterwards() -> None:
    script = (
        "from serving.lean import import_lightgbm; import_lightgbm(); import sys; "
        "assert 'pandas' not in sys.modules; import pandas; assert pandas.DataFrame"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr


def test_arrow_converts_without_pandas_and_leaves_it_to_others() -> None:
    script = (
        "from serving.lean import few_arenas, give_back, import_arrow; few_arenas(); import_arrow(); import sys; "
        "import numpy as np, pyarrow as pa, pyarrow.parquet; "
        "assert pa.array([1, None]).to_pylist() == [1, None]; pa.array(np.ones(2)).to_numpy(); "
        "assert pa.table({'a': ['x']}).to_pylist() == [{'a': 'x'}]; assert 'pandas' not in sys.modules; "
        "assert pa.default_memory_pool().backend_name == 'system'; give_back(); import pandas; assert pandas.DataFrame"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
