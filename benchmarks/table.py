"""What every benchmark shares: an aligned Markdown table on the terminal, and ``--json FILE`` for programs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def parser(description: str | None) -> argparse.ArgumentParser:
    """An argument parser that knows ``--json``."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--json", type=Path, metavar="FILE", help="also write the rows to this file")
    return made


def report(rows: Sequence[dict[str, Any]], file: Path | None) -> None:
    """Print the rows, whose keys are the columns, and write them where asked."""
    columns = list(rows[0])
    cells = [columns, *([str(row[column]) for column in columns] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    cells.insert(1, ["-" * width for width in widths])
    for line in cells:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
    if file:
        file.write_text(json.dumps(list(rows), indent=1) + "\n", encoding="utf-8")
