"""book.toml: what it may say, and every fault of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from book.errors import Refusal
from book.load import read_settings
from book.settings import Settings


def test_no_file_means_the_house_settings(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == Settings()


def test_every_setting_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "book.toml").write_text(
        'timezone = "America/New_York"\ncurrency = "USD"\ntolerance = 500\ntolerance_share = 0.01\n'
        'default_dpd = false\ndefault_events = ["write_off"]\nreceived_at = 1970-01-01T00:00:01Z\n'
        'precision = "month"\nsource = "abs-ee"\n[posting_lag_days]\npayments = 2\n'
    )
    read = read_settings(tmp_path)
    assert read.default_dpd is None
    assert read.received_at == 1_000_000
    assert dict(read.posting_lag_days) == {"payments": 2}
    assert (read.timezone, read.currency, read.precision) == ("America/New_York", "USD", "month")


def test_all_faults_of_the_file_are_told(tmp_path: Path) -> None:
    (tmp_path / "book.toml").write_text('curency = "CNY"\ntolerance = -1\nprecision = "week"\n')
    with pytest.raises(Refusal) as refusal:
        read_settings(tmp_path)
    lines = str(refusal.value).splitlines()
    assert lines[0].startswith("book.toml, curency: the setting is not known")
    assert lines[0].endswith("nearest: currency")
    assert lines[1:] == [
        "book.toml, tolerance: the value cannot be used; got: -1; allowed: minor units, a whole number from 0",
        "book.toml, precision: the value cannot be used; got: 'week'; allowed: day, month",
    ]
