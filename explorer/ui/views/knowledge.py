"""Compare, What the code knows: how much of the ten digits can simple readers find in a code that never saw a label?"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import anyio
import gradio as gr
import torch

from explorer.analysis.augmentation import WAYS, made, told
from explorer.analysis.codes import codes
from explorer.analysis.knowledge import LINEAR, READERS, answers, counts_of, draws_of
from explorer.analysis.reports import labels_of, measure_in_worker, space_of
from explorer.models.base import PIXELS, SIDE, Generative
from explorer.models.knobs import shown
from explorer.ui import knowledge
from explorer.ui.components.knowledge import Knowledge
from explorer.ui.components.sheet import digits_sheet
from explorer.ui.explain import explain
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Exhibit
from explorer.ui.images import base64_of
from explorer.ui.kept import Kept
from explorer.ui.page import Page
from explorer.ui.session import Current, Session
from explorer.ui.view import LACKS, Panel, view
from explorer.ui.views.compare import opened

WHAT = (
    "**What you see.** The model was trained without a single label. Now a reader is told the labels of a few "
    "*training* digits, sees only their codes, and must name all *test* digits. A *linear classifier* draws flat "
    "borders; *nearest neighbours* let the closest labelled codes vote, at most as many as each digit has labels. The "
    "same readers get the raw pixels, and as many principal components as the code has numbers: only what exceeds "
    "these is the model's merit. Bars on the curve span the draws, which differ in the digits that have labels; the "
    "seed of a draw is its number. "
    "*Purity*: the share of digits that carry the commonest label of their k-means heap. *NMI* and *ARI*: how far "
    "heaps and labels tell each other, and agree on pairs; 1 is perfect, and chance gives ARI 0 and NMI nearly 0. A "
    "code that rebuilds well is not therefore easy to read: watch both."
)
KINDS = {LINEAR: (LINEAR,), "neighbours": tuple(reader for reader in READERS if reader != LINEAR)}
EACH = 5  # made digits of each kind that are shown
_answers: Kept[dict[str, str]] = Kept(256)
_made: Kept[dict[str, dict[str, Any]]] = Kept(16)


@view("What the code knows", place="Compare", order=30)
def build(page: Page) -> Panel:
    """One component, which asks for what takes a moment by itself."""
    one = anyio.CapacityLimiter(1)  # however many visitors are here, one thread at most is busy with them
    functions = [
        page.answering(read, "read", one),
        page.answering(measure, "measure"),
        page.answering(follow, "follow"),
        page.answering(everyone, "everyone"),
    ]
    panel = Knowledge(server_functions=functions)
    explain(WHAT)
    page.on(panel.input, panel, lambda value, session: chosen(value, session, page))
    return Panel([panel], render)


def chosen(value: object, session: Session, page: Page) -> Session:
    """A misread digit becomes the input, or another model is opened. Raises ValueError for what does not exist."""
    if isinstance(value, dict) and "open" in value:
        return opened(value, session, page)
    return session.with_index(value.get("index") if isinstance(value, dict) else None, page.explorer.library.dataset)


def render(current: Current) -> list[Any]:
    """What is known of the model without computing."""
    exhibit, dataset = current.exhibit, current.dataset
    size = size_of(exhibit)
    counts = counts_of(labels_of(dataset)[0])
    reports = knowledge.figures(exhibit, size, current.gallery, dataset)
    desk = {
        "model": exhibit.id,
        "title": f"{exhibit.variant.title}, {exhibit.card.title}",
        "size": size,
        "counts": counts,
        "draws": [draws_of(count) for count in counts],
        "tested": len(dataset.test_labels),
        "labels": base64.b64encode(dataset.test_labels.tobytes()).decode(),
        "thumbnails": f"explorer/thumbnails/{dataset.name}/all?{dataset.sha256[:12]}",
        "told": knowledge.told(reports) if reports else None,
        "made": lessons_shown(current),
        "lack": "" if isinstance(exhibit.model, Generative) else f"This {LACKS[Generative.__name__]}",
    }
    return [gr.update(desk=desk)]


def size_of(exhibit: Exhibit) -> int:
    """How many numbers a code has."""
    with torch.inference_mode():
        return exhibit.model.encode(torch.zeros(1, 1, SIDE, SIDE)).shape[1]


def lessons_shown(current: Current) -> dict[str, dict[str, Any]] | None:
    """Some of the digits that the model makes as lessons in each way, or None if it makes none."""
    model, dataset = current.exhibit.model, current.dataset
    if not isinstance(model, Generative):
        return None

    def sheets() -> dict[str, dict[str, Any]]:
        x, _ = told(dataset, 0)
        images = {way: made(model, x, way, 10 * EACH, 0) for way in WAYS}
        return {
            way: digits_sheet(base64_of(some.reshape(10, EACH, PIXELS).transpose(0, 1)), 10, "made digits")
            for way, some in images.items()
        }

    return _made.get((current.exhibit.card.weights_sha256, dataset.sha256), sheets)


def asked_exhibit(explorer: Explorer, asked: object, what: str, length: int) -> tuple[Exhibit, list[Any]]:
    """The model that comes first in what a browser asks, and the rest. Raises ValueError or CheckpointError."""
    if not isinstance(asked, list) or len(asked) != length or not isinstance(asked[0], str):
        raise ValueError(f"{what} needs a list of {length} that begins with a model, got {shown(asked)}")
    return explorer.gallery.open(asked[0], explorer.library.dataset), asked[1:]


def read(explorer: Explorer, asked: object) -> dict[str, str]:
    """What readers take all test digits for, of [model, labels, draw, classifier]: base64 of a byte each.

    Raises ValueError or CheckpointError.
    """
    exhibit, (count, seed, kind) = asked_exhibit(explorer, asked, "a reading", 4)
    dataset = explorer.library.dataset
    counts = counts_of(labels_of(dataset)[0])
    if isinstance(count, bool) or not isinstance(count, int) or count not in counts:
        raise ValueError(f"the number of labels must be one of {', '.join(map(str, counts))}, got {shown(count)}")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < draws_of(count):
        raise ValueError(f"the draw must be a whole number from 0 to {draws_of(count) - 1}, got {shown(seed)}")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"the classifier must be one of {', '.join(KINDS)}, got {shown(kind)}")

    def given() -> dict[str, str]:
        test = explorer.gallery.codes(exhibit, dataset)
        space = space_of(partial(codes, exhibit.model), dataset, count, seed, test)
        found = answers(space, KINDS[kind])
        return {reader: base64.b64encode(one.byte().numpy().tobytes()).decode() for reader, one in found.items()}

    return _answers.get((exhibit.card.weights_sha256, dataset.sha256, count, seed, kind), given)


def measure(explorer: Explorer, asked: object) -> dict[str, str]:
    """Have a worker measure what is not known yet of [model] and of what it is compared with: the job's id.

    Who asks while that is under way gets the same job. Raises ValueError or CheckpointError.
    """
    exhibit, _ = asked_exhibit(explorer, asked, "a measurement", 1)
    owner = f"knowledge {exhibit.id}"
    for job in explorer.jobs.list(owner):
        if not explorer.jobs.look(job).is_over:
            return {"job": job}
    dataset = explorer.library.dataset
    spaces = knowledge.spaces_of(exhibit, size_of(exhibit))
    bare = [spaces["pca"], spaces["pixels"]]
    missing = tuple(space for space in bare if space not in knowledge.known_reports(explorer.gallery, dataset, bare))
    card, weights = explorer.gallery.on_disk(exhibit.id)
    arguments = (card.to_json(), weights, dataset.name, missing)
    return {"job": explorer.jobs.submit_task(measure_in_worker, *arguments, owner=owner)}


def follow(explorer: Explorer, asked: object) -> Mapping[str, Any]:
    """How far a job is, of [model, job]: its state in words, or what came out. Raises ValueError or CheckpointError."""
    exhibit, (job,) = asked_exhibit(explorer, asked, "following a job", 2)
    if not isinstance(job, str):
        raise ValueError(f"the job must be named, got {shown(job)}")
    seen = explorer.jobs.look(job)
    if not seen.is_over:
        return {"text": seen.text if seen.state == "queued" else ""}
    if seen.state != "done" or not isinstance(result := seen.events[-1].get("result"), bytes):
        raise ValueError(seen.text or "the measurement was stopped")
    dataset = explorer.library.dataset
    knowledge.add_reports(dataset, json.loads(result))
    reports = knowledge.figures(exhibit, size_of(exhibit), explorer.gallery, dataset)
    if reports is None:
        raise ValueError("the digits have changed since: please measure again")
    return {"told": knowledge.told(reports)}


def everyone(explorer: Explorer, asked: object) -> Mapping[str, Any]:
    """The rows of all shipped models and of [model]. Raises ValueError or CheckpointError."""
    exhibit, _ = asked_exhibit(explorer, asked, "the table", 1)
    return knowledge.everyone(explorer.gallery, explorer.library.dataset, exhibit)
