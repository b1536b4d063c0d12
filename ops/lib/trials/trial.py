"""How a trial is called, and how it ends."""

from __future__ import annotations

import argparse
import asyncio
import collections.abc
import pathlib
import sys

from .children import Broken
from .sql import DatabaseGone


def arguments(script: str, purpose: str | None) -> argparse.ArgumentParser:
    """What every trial takes. The script checks what people write; this refuses what a script got wrong."""
    parser = argparse.ArgumentParser(prog=f"ops/{script}", description=purpose)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    return parser


def performed(script: str, trial: collections.abc.Coroutine[None, None, bool]) -> int:
    """The exit code: 0 when every promise was kept, 1 when not or when the trial broke."""
    try:
        return 0 if asyncio.run(trial) else 1
    except (Broken, DatabaseGone) as broken:
        print(f"ops/{script}: {broken}", file=sys.stderr)
        return 1
