"""A sweep: which runs a form means, how they share the workers with other visitors, and that nothing of it is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from explorer.data.dataset import Dataset
from explorer.models.checkpoint import pack
from explorer.models.registry import Variant, named, variants
from explorer.training.cost import BUDGET, together
from explorer.training.grid import runs
from explorer.training.jobs import Jobs
from explorer.training.record import Record
from explorer.training.runs import RunSpec
from explorer.training.store import RunStore
from explorer.ui.desk import Desk
from explorer.ui.pace import Pace
from explorer.ui.planned import MOST, Plan, default_form, in_words, offered, planned, turnable, values
from explorer.ui.session import MINE, Session
from explorer.ui.swept import ALONE, GRACE, LOST, Sweep, known
from tests.cases import DEFAULTS, card_for

IMAGES = 60_000
ROOM = 500 * 2**20
CASE = next(case for case in DEFAULTS if case.variant.name == "linear")
WEIGHTS = pack(CASE.model())


def form(
    *knobs: tuple[str, str], variants: object = ("linear",), epochs: object = 1, images: object = 1000
) -> dict[str, Any]:
    chosen = [{"name": name, "values": texts} for name, texts in knobs]
    names = [*variants] if isinstance(variants, tuple) else variants
    return {"variants": names, "knobs": chosen, "epochs": epochs, "images": images}


def plan(digits: Dataset, texts: str = "2, 3, 4, 5, 6") -> Plan:
    return planned(form(("latent_dim", texts), ("", "")), digits, ROOM)


def test_a_form_means_every_combination_with_the_recommended_settings_besides(digits: Dataset) -> None:
    made = planned(form(("latent_dim", "2, 8"), ("beta", "0.5,1 , 4,"), variants=("variational",)), digits, ROOM)
    turned = [(size, beta) for size in (2, 8) for beta in (0.5, 1, 4)]
    assert [tuple(spec.settings.values()) for spec in made.specs] == turned
    assert {spec.training["epochs"] for spec in made.specs} == {1}
    usual = named("variational").training
    assert all(spec.checked()[1] == replace(usual, epochs=1, images=1000) for spec in made.specs)
    assert made.title(1) == "latent dim 2, beta 1"
    assert in_words(made, 0).startswith("6 runs of Variational: about 1 s of training (the limit is 120 s)")
    assert in_words(made, MINE - 4).endswith("the 2 oldest of yours leave the scoreboard.")


def test_a_variant_that_lacks_a_knob_is_trained_without_it(digits: Dataset) -> None:
    made = planned(form(("beta", "1, 4"), ("seed", "0"), variants=("variational", "linear")), digits, ROOM)
    assert [(spec.variant, made.title(number)) for number, spec in enumerate(made.specs)] == [
        ("variational", "beta 1, seed 0"),
        ("variational", "beta 4, seed 0"),
        ("linear", "seed 0"),
    ]
    assert made.settings(2) == {"beta": None, "seed": 0}
    assert in_words(made, 0).startswith("3 runs of Variational and Linear")


def test_a_knob_of_the_training_is_turned_in_the_place_of_its_field(digits: Dataset) -> None:
    made = planned(form(("epochs", "1, 2"), ("seed", "0, 7"), epochs=None), digits, ROOM)
    assert [made.settings(number) for number in range(4)] == [
        {"epochs": epochs, "seed": seed} for epochs in (1, 2) for seed in (0, 7)
    ]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (None, "a sweep has 1 to 12 variants, got None"),
        (form(variants=()), r"a sweep has 1 to 12 variants, got \[\]"),
        (form(variants=("linear", "linear")), "every variant of a sweep must be named once"),
        (form(variants=("nonsense",)), "nonsense"),
        (form(variants=(["linear"],)), "variant"),
        ({"variants": ["linear"], "knobs": "latent_dim"}, "a sweep turns one knob or two, got 'latent_dim'"),
        (form(("", "")), "choose a knob to turn first"),
        (form(("warmup", "0, 0.2"), variants=["variational", "dense"]), "something else to variational than to dense"),
        (form(("colour", "1")), "there is no knob 'colour' that is a number; there are latent_dim"),
        (form(("optimiser", "1")), "there is no knob 'optimiser'"),
        ({"variants": ["linear"], "knobs": [{"name": ["seed"], "values": "1"}]}, r"no knob \['seed'\]"),
        (form(("seed", "1"), ("seed", "2")), "the two knobs must differ, got seed twice"),
        (form(("seed", "1"), ("epochs", "1"), ("images", "100")), "a sweep turns one knob or two"),
        (form(("latent_dim", "2, many")), "the values of latent_dim must be numbers with commas between, got 'many'"),
        (form(("latent_dim", "true")), "must be numbers with commas between, got 'true'"),
        (form(("latent_dim", ", ,")), "latent_dim needs at least one value"),
        (form(("latent_dim", "1," * 200)), "at most 200 letters"),
        (form(("latent_dim", "2.5")), "Linear: latent_dim must be a whole number from 1 to .*, got 2.5"),
        (form(("learning_rate", "NaN")), "learning_rate must lie between .*, got nan"),
        (form(("seed", "1e400")), "seed must be a whole number"),
        (form(("seed", "0"), epochs=True), "epochs must be a whole number from 1 to 100, got True"),
        (form(("seed", "0"), images="all"), "images must be a whole number from 100 to 60000, got 'all'"),
        (form(("seed", "0,1,2,3"), ("latent_dim", "1,2,3,4")), "these would be 16 runs, and a sweep has at most 12"),
    ],
)
def test_what_is_no_sweep_is_refused_in_a_sentence(asked: object, sentence: str, digits: Dataset) -> None:
    with pytest.raises(ValueError, match=sentence):
        planned(asked, digits, ROOM)


def test_a_sweep_has_the_budget_of_a_single_training() -> None:
    specs = [*runs(["variational"], {"latent_dim": [2, 8, 32], "epochs": [50]}).values()]
    with pytest.raises(
        ValueError, match=r"these 3 runs would take about \d+ seconds, and the limit is 120 for all"
    ) as e:
        together(specs, IMAGES)
    share = int(str(e.value).split("at most ")[1].split(" %")[0])
    fitting = [replace(spec, training={**spec.training, "epochs": 50 * share // 100}) for spec in specs]
    assert 0.8 * BUDGET < together(fitting, IMAGES) <= BUDGET


def test_without_a_budget_a_sweep_has_as_many_runs_as_the_page_remembers(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = [", ".join(map(str, range(count))) for count in (MOST + 1, MINE, MINE + 1)]
    with pytest.raises(ValueError, match=f"at most {MOST}"):
        planned(form(("seed", seeds[0])), digits, ROOM)
    monkeypatch.setenv("EXPLORER_BUDGET", "inf")
    assert len(planned(form(("seed", seeds[1])), digits, ROOM).specs) == MINE
    with pytest.raises(ValueError, match=f"at most {MINE}"):
        planned(form(("seed", seeds[2])), digits, ROOM)


def test_a_sweep_that_would_push_out_its_own_first_models_is_refused(digits: Dataset) -> None:
    with pytest.raises(ValueError, match="these 5 models would take about . MB, and a sweep may fill at most 2 MB"):
        planned(form(("latent_dim", "2, 3, 4, 5, 6")), digits, 4 * 2**20)


@pytest.mark.parametrize("variant", variants().values(), ids=lambda variant: variant.name)
def test_what_the_page_proposes_is_allowed_and_takes_no_longer_than_a_minute(variant: Variant, digits: Dataset) -> None:
    begin = default_form(variant, IMAGES)
    made = planned(begin, digits, ROOM)
    assert 2 <= len(made.specs) <= 3
    assert together(made.specs, IMAGES) <= BUDGET
    usual = {**variant.training.as_dict(), **variant.config().as_dict()}
    for one in offered(variant):
        name, knob = one["name"], turnable(variant)[one["name"]]
        for value in values(name, one["values"]):
            knob.check(name, value, type(usual[name]))


class ByHand(Jobs):
    """A job manager whose workers do nothing until they are told what comes out."""

    def __init__(self, workers: int = 2) -> None:
        super().__init__(lambda *_, **__: iter(()), workers=workers)

    def _attending(self) -> Any:
        return self

    def wake(self) -> None: ...

    def work(self) -> None:
        """Let all that hold a slot begin."""
        for job in self._board.busy():
            job.is_sent = True
            self._board.tell({"job": job.id, "kind": "started", "worker": "w", "pid": 1}, time.monotonic())

    def finish(self, status: str = "done", mse: float = 0.5) -> None:
        """The job that holds a slot for longest comes to an end."""
        job, card = self._board.busy()[0], asdict(replace(card_for(CASE, WEIGHTS), figures={"mse": mse}))
        told = {"kind": "finished", "status": status, "text": status, "weights": WEIGHTS, "card": card, "maps": b""}
        job.finish(told, time.monotonic())
        self._board.release(job)

    @property
    def owners(self) -> list[str]:
        """Whose jobs hold slots, and then whose wait."""
        jobs = sorted(self._board.all(), key=lambda job: job.state == "queued")
        return [job.owner for job in jobs if not job.is_over]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


@pytest.fixture
def look(store: RunStore) -> Callable[[Sweep, Jobs], list[dict[str, Any]]]:
    def looked(sweep: Sweep, jobs: Jobs) -> list[dict[str, Any]]:
        asyncio.run(sweep.look(jobs, store))
        told = sweep.shown(store)
        assert told is not None
        rows: list[dict[str, Any]] = told["rows"]
        return rows

    return looked


Look = Callable[[Sweep, Jobs], list[dict[str, Any]]]


def begun(jobs: Jobs, digits: Dataset, texts: str = "2, 3, 4, 5, 6") -> Sweep:
    sweep = Sweep()
    sweep.begin(jobs, plan(digits, texts), "me")
    return sweep


def test_a_sweep_takes_every_worker_while_nobody_waits_and_else_has_one_place(digits: Dataset, look: Look) -> None:
    jobs = ByHand(workers=2)
    sweep = begun(jobs, digits)
    assert jobs.owners == ["me", "me", "me"]
    jobs.submit("another's run", owner="you")
    jobs.finish()
    look(sweep, jobs)
    assert jobs.owners == ["me", "me", "you"], "the other visitor is next"
    jobs.finish()
    look(sweep, jobs)
    assert jobs.owners == ["me", "you", "me"], "nobody waits: the sweep may have its next run in the queue"
    jobs.submit("a third one's run", owner="they")
    jobs.finish()
    look(sweep, jobs)
    assert jobs.owners == ["you", "me", "they"]
    jobs.finish()
    jobs.finish()
    jobs.submit("another's again", owner="you")
    assert [row["state"] for row in look(sweep, jobs)] == ["done", "done", "done", "done", "queued"]
    assert sorted(jobs.owners) == ["me", "they", "you"], "it always has its one place"
    for _ in range(3):
        jobs.finish()
    look(sweep, jobs)
    assert not sweep.is_busy
    assert sweep.text.startswith("finished: 5 of 5 models are there")


def test_models_are_kept_with_what_is_turned_and_become_the_visitors(
    digits: Dataset, look: Look, store: RunStore
) -> None:
    jobs = ByHand(workers=1)
    sweep = begun(jobs, digits, "2, 3")
    jobs.finish(mse=0.25)
    first, second = look(sweep, jobs)
    assert (first["state"], first["kept"], first["figures"], second["state"]) == ("done", True, {"mse": 0.25}, "queued")
    session = sweep.received(Session(), store)
    assert [record.card.title for record in session.records] == ["latent dim 2"]
    assert session.model == Session().model, "the page goes on to show what it showed"
    jobs.finish("diverged", mse=0.75)
    assert look(sweep, jobs)[1]["text"] == "diverged"
    assert sweep.text.endswith("2 of 2 models are there; the smallest test MSE is 0.2500, with latent dim 2")
    session = sweep.received(session, store)
    assert (len(session.mine), session.records[1].status) == (2, "diverged")
    store.drop(session.mine[0])
    assert [row["kept"] for row in look(sweep, jobs)] == [False, True]
    assert sweep.received(session.without_run(session.mine[0]), store).mine == session.mine[1:]


def test_a_stopped_sweep_keeps_what_is_there_and_begins_nothing_more(digits: Dataset, look: Look) -> None:
    jobs = ByHand(workers=1)
    sweep = begun(jobs, digits, "2, 3, 4, 5")
    jobs.finish()
    look(sweep, jobs)
    jobs.work()
    sweep.stop(jobs)
    assert [row["state"] for row in look(sweep, jobs)] == ["done", "running", "stopped", "left"]
    jobs.finish("stopped")
    rows = look(sweep, jobs)
    assert [(row["state"], row["kept"]) for row in rows][:3] == [("done", True), ("stopped", True), ("stopped", False)]
    assert rows[1]["text"] == "stopped, weights kept"
    assert not sweep.is_busy
    assert sweep.text.startswith("stopped: 2 of 4 models are there")
    sweep.begin(jobs, plan(digits, "7"), "me")
    assert len(look(sweep, jobs)) == 1


def trained(store: RunStore, spec: RunSpec, status: str = "done") -> Record:
    """A run of the visitor's that is over, and kept."""
    card = replace(card_for(CASE, WEIGHTS), dataset=spec.dataset, figures={"mse": 0.5})
    card = replace(card, settings=spec.checked()[0].as_dict(), training=dict(spec.training))
    return Record(store.keep(WEIGHTS, card, b"", b""), card, status, 1.0)


def test_a_sweep_that_is_begun_again_trains_only_what_is_missing(digits: Dataset, look: Look, store: RunStore) -> None:
    jobs = ByHand(workers=2)
    two, three = (trained(store, spec) for spec in plan(digits, "2, 3").specs)
    asked = form(("latent_dim", "4, 3, 2"), ("", ""))
    assert planned(asked, digits, ROOM, [two, replace(three, status="stopped")]).there == {2: two}
    assert planned({**asked, "epochs": 2}, digits, ROOM, [two, three]).there == {}
    again = planned(asked, digits, ROOM, [two, three])
    assert again.there == {1: three, 2: two}
    assert again.seconds == pytest.approx(plan(digits, "4").seconds)
    assert in_words(again, 2).startswith("2 of 3 are trained already; 1 more run of Linear: about 1 s")
    sweep = Sweep()
    sweep.begin(jobs, again, "me")
    assert [row["state"] for row in look(sweep, jobs)] == ["queued", "done", "done"]
    assert jobs.owners == ["me"]
    jobs.finish(mse=0.25)
    rows = look(sweep, jobs)
    assert [(row["state"], row["text"]) for row in rows[1:]] == [("done", "trained before")] * 2
    assert [row["run"] for row in rows[1:]] == [three.run, two.run]
    assert sweep.text == "finished: 3 of 3 models are there; the smallest test MSE is 0.2500, with latent dim 4"
    session = sweep.received(Session().with_run(two).with_run(three), store)
    assert session.mine == (two.run, three.run, rows[0]["run"])
    whole = planned(form(("latent_dim", "2, 3"), ("", "")), digits, ROOM, session.records)
    assert in_words(whole, 3) == "All 2 runs of Linear are trained already: this sweep shows them side by side."
    sweep.begin(jobs, whole, "me")
    assert (sweep.is_busy, jobs.owners) == (False, [])
    assert sweep.text.startswith("finished: 2 of 2 models are there")


def test_a_visitor_has_one_run_or_one_sweep_at_a_time(digits: Dataset, look: Look) -> None:
    jobs, desk = ByHand(workers=1), Desk()
    sweep = begun(jobs, digits, "2, 3")
    with pytest.raises(ValueError, match="one run at a time"):
        desk.begin(jobs, RunSpec("linear", {}, {}), "me")
    with pytest.raises(ValueError, match="one sweep at a time"):
        sweep.begin(jobs, plan(digits), "me")
    for _ in range(2):
        jobs.finish()
        look(sweep, jobs)
    desk.begin(jobs, RunSpec("linear", {}, {}), "me")
    before = sweep.id
    with pytest.raises(ValueError, match="one run at a time"):
        sweep.begin(jobs, plan(digits), "me")
    assert (sweep.id, len(sweep.desks), sweep.is_busy) == (before, 2, False)


def test_nothing_more_is_begun_when_no_page_has_looked_for_longer_than_the_grace(digits: Dataset, look: Look) -> None:
    jobs = ByHand(workers=1)
    sweep = begun(jobs, digits, "2, 3, 4")
    sweep.looked -= GRACE + 1
    jobs.finish()
    assert [row["state"] for row in look(sweep, jobs)] == ["done", "queued", "left"]
    assert sweep.ended == ALONE


def test_a_full_disk_is_told_and_ends_the_sweep(
    digits: Dataset, look: Look, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_is_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    jobs = ByHand(workers=1)
    sweep = begun(jobs, digits, "2, 3")
    monkeypatch.setattr(store, "keep", disk_is_full)
    jobs.finish()
    rows = look(sweep, jobs)
    assert [row["text"] for row in rows] == [
        "The server's disk is full: please try again later.",
        "stopped before it began",
    ]
    assert sweep.text.startswith("stopped, because a model could not be kept: 0 of 2")


def test_a_run_that_the_server_has_forgotten_is_told(digits: Dataset, look: Look) -> None:
    jobs = ByHand(workers=1)
    sweep = begun(jobs, digits, "2")
    jobs.forget(sweep.desks[0].job)
    (row,) = look(sweep, jobs)
    assert (row["state"], row["text"], sweep.is_busy) == ("stopped", LOST, False)


def test_a_sweep_waits_where_the_queue_is_full(digits: Dataset, look: Look) -> None:
    jobs = ByHand(workers=1)
    sweep = begun(jobs, digits, "2, 3, 4")
    for number in range(59):  # one of the sweep's own waits as well
        jobs.submit("", owner=f"visitor {number}")
    for late in ("one more", "the last"):
        jobs.finish()
        jobs.submit("", owner=late)
    assert look(sweep, jobs)[2]["state"] == "idle"
    assert (
        sweep.text
        == "2 of 3 models are there; the next run waits: 60 runs are waiting already: please try again in a few minutes"
    )
    jobs.finish()
    assert look(sweep, jobs)[2]["state"] == "queued"


def test_each_run_counts_as_a_training_that_was_started() -> None:
    pace = Pace()
    pace.admit("me", "192.0.2.1", now=0.0, runs=MOST)
    with pytest.raises(ValueError, match="20 trainings a minute is all that one visitor may start"):
        pace.admit("me", "192.0.2.1", now=0.0, runs=MOST)
    pace.admit("me", "192.0.2.1", now=60.0, runs=MOST)


@pytest.mark.parametrize("told", [None, 7, "", ["x"], {}, "a" * 22])
def test_what_nobody_began_is_not_found(told: object) -> None:
    assert known({}, told) is None
