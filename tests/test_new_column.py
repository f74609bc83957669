import json
import subprocess

import pytest

from shared.columns import COLUMNS
from shared.protocol.envelope import MINOR
from tests.kit.places import ROOT
from tests.kit.warm_python import warm_python


def test_one_more_number_travels_from_the_server_to_every_list() -> None:
    """Only its descriptor and what fills it are new; all else follows in a process of its own."""
    run = subprocess.run(
        [warm_python(), "-m", "tests.kit.new_column"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    got = json.loads(run.stdout)
    assert got["minor"] == max(MINOR, 1)
    assert got["arrays"] == [*(c.name for c in COLUMNS), "spread"]
    assert got["of an older server"] == [0.0, 0.0, 0.0]
    assert got["changes"] == got["table"] == pytest.approx([0.0, 0.08, 0.04])
    assert got["list"] == {
        "heading": "Spread",
        "symbols": ["005930", "BTC/USDT", "000010"],
        "cells": ["0.080", "0.040", "–"],
    }
    assert got["terminal"] == {"000010": "–", "005930": "0.080", "BTC/USDT": "0.040"}
    assert got["docs"][:3] == ["`spread`", "f4", "(symbols)"]
