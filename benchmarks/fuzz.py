"""Damaged pictures, weights and model files by the thousand, and every nonsense in every argument of a running server.

``python benchmarks/fuzz.py [--pictures 6000] [--models 4000] [--url http://127.0.0.1:7860/]``; some minutes, on this
machine only, and the server only where ``--url`` names one. Ends with 1 where a bar is missed; the tests do a tenth.
"""

from __future__ import annotations

import random
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.table import parser, report  # noqa: E402
from explorer.data.drawing import photo_steps  # noqa: E402
from explorer.data.picture import read_picture  # noqa: E402
from explorer.models.checkpoint import unpack  # noqa: E402
from explorer.models.parcel import unwrap, wrap  # noqa: E402
from tests.data.test_picture import SAME  # noqa: E402
from tests.models.test_checkpoint import CARD, WEIGHTS  # noqa: E402
from tests.reliability.knocking import NONSENSE, Answer, Knocker  # noqa: E402
from tests.reliability.test_parameters import complaint  # noqa: E402

SLOWEST, GROWTH = 0.2, 300.0  # seconds of processor time for one file; MB that this process may grow

Row = dict[str, Any]


def mutant(good: bytes, draw: random.Random) -> bytes:
    """A file with some bytes replaced, removed or added, mostly near its start; one of three is cut."""
    damaged = bytearray(good)
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(min(len(damaged), draw.choice([8, 200, len(damaged)])))
        damaged[at : at + draw.randint(0, 4)] = draw.randbytes(draw.randint(0, 4))
    return bytes(damaged[: draw.choice([len(damaged), len(damaged), draw.randrange(len(damaged))])])


def fuzzed(what: str, files: Sequence[bytes], count: int, use: Callable[[bytes], object]) -> Row:
    """Use so many mutants of the files; whatever is raised but ValueError has escaped."""
    draw, process = random.Random(0), psutil.Process()  # noqa: S311  # the same mutants every time
    before, accepted, slowest, escaped = process.memory_info().rss, 0, 0.0, list[str]()
    for turn in range(count):
        content = mutant(files[turn % len(files)], draw)
        began = time.process_time()
        try:
            use(content)
            accepted += 1
        except ValueError:
            pass
        except Exception as error:  # noqa: BLE001  # this is what is looked for
            escaped.append(repr(error)[:80])
        slowest = max(slowest, time.process_time() - began)
    growth = (process.memory_info().rss - before) / 2**20
    is_kept = not escaped and slowest <= SLOWEST and growth <= GROWTH
    figures = {"accepted": accepted, "escaped": len(escaped), "slowest ms": round(slowest * 1000), "MB": round(growth)}
    return {"what": what, "tried": count, **figures, "bar": "kept" if is_kept else f"missed {escaped[:1]}"}


def sealed(weights: bytes) -> object:
    """Weights under a card that fits their hash, as a clever sender would have it."""
    return unpack(replace(CARD, weights_sha256=sha256(weights).hexdigest()), weights)


def knocked(what: str, answers: Sequence[tuple[str, Answer]]) -> Row:
    """How a server took it."""
    wrong = [line for name, answer in answers for line in complaint(name, answer)]
    accepted = sum(not answer.has_failed for _, answer in answers)
    figures = {"accepted": accepted, "escaped": len(wrong), "slowest ms": "", "MB": ""}
    return {"what": what, "tried": len(answers), **figures, "bar": f"missed {wrong[0]}" if wrong else "kept"}


def everywhere(url: str) -> list[Row]:
    """Every nonsense in every argument of every event, and in every component's function."""
    knocker, answers = Knocker(url), list[tuple[str, Answer]]()
    for event in knocker.events:
        usual = knocker.usual(event)
        for at in knocker.told(event):
            cases = {f"event {event['id']}, {at}, {n}": [*usual[:at], v, *usual[at + 1 :]] for n, v in NONSENSE.items()}
            answers += zip(cases, knocker.ask(event["id"], [*cases.values()]), strict=True)
    asked = [
        (f"{function} of {number}, {name}", knocker.question(number, function, text))
        for number, one in knocker.components.items()
        for function in one["props"].get("server_fns") or []
        for name, text in NONSENSE.items()
    ]
    return [knocked("arguments of events", answers), knocked("questions of components", asked)]


def main() -> None:
    """One row for each kind of file, and two for a server."""
    arguments = parser(__doc__)
    arguments.add_argument("--pictures", type=int, default=6000)
    arguments.add_argument("--models", type=int, default=4000)
    arguments.add_argument("--url", help="a running explorer on this machine")
    asked = arguments.parse_args()
    warnings.simplefilter("ignore")  # Pillow's, about damaged files
    rows = [
        fuzzed("pictures", [*SAME.values()], asked.pictures, lambda content: photo_steps(read_picture(content))),
        fuzzed("weights", [WEIGHTS], asked.models, sealed),
        fuzzed("model files", [wrap(CARD, WEIGHTS)], asked.models, lambda content: unpack(*unwrap(content))),
    ]
    if asked.url:
        rows += everywhere(asked.url)
    report(rows, asked.json)
    sys.exit(any(row["bar"] != "kept" for row in rows))


if __name__ == "__main__":
    main()
