import json
import os
import subprocess
import sys

import pytest

from tests.kit.places import ROOT


@pytest.mark.slow
def test_a_fault_in_a_paint_is_caught_each_time_and_ends_nothing() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.kit.broken_paints"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2_000:]
    counts = json.loads(run.stdout)
    assert len(counts) >= 14
    assert {place for place, caught in counts.items() if not caught} == set()
    # What Qt says when a painter is left open, before it ends the process at some later paint.
    assert "active painter" not in run.stderr
