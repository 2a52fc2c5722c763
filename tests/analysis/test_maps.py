"""Maps that are kept give back what was drawn; a run that is of no use says so."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.analysis.maps import Maps, draw, execute_with_maps
from explorer.data.digits import embedded
from explorer.training.evaluate import batches
from explorer.training.runs import RunSpec
from tests.cases import model_of

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("length", [1.0, 100.0, 1e14])
def test_maps_are_read_as_they_were_drawn_as_far_as_a_screen_can_tell(length: float) -> None:
    points = {name: length * RNG.normal(size=(40, 2)).astype(np.float32) for name in ("pca", "umap", "first")}
    maps = Maps("a", RNG.random(40, np.float32), points, {"pca": RNG.random((5, 3), np.float32)})
    read = Maps.from_bytes(maps.to_bytes())
    for name, drawn in points.items():
        np.testing.assert_allclose(read.points[name], drawn, atol=2e-3 * np.abs(drawn).max())
    np.testing.assert_array_equal(read.lifts["pca"], maps.lifts["pca"])


def test_a_code_of_two_numbers_is_kept_to_the_bit() -> None:
    code = RNG.normal(size=(40, 2)).astype(np.float32)
    maps = Maps("a", RNG.random(40, np.float32), {"code": code})
    np.testing.assert_array_equal(Maps.from_bytes(maps.to_bytes()).points["code"], code)


def test_a_code_of_one_number_is_a_line_from_which_it_is_read_again() -> None:
    model = model_of("linear", latent_dim=1).eval()
    maps = draw(model, embedded(), first=20)
    codes = model.encode(next(batches(embedded().test_images[:20]))).detach().numpy()
    np.testing.assert_allclose(maps.points["code"], np.hstack((codes, np.zeros((20, 1)))), atol=1e-6)
    places = np.hstack((maps.points["code"], np.ones((20, 1), np.float32)))
    np.testing.assert_allclose(places @ maps.lifts["code"].T, codes, atol=1e-6)


def test_a_run_whose_weights_grew_beyond_use_says_so() -> None:
    wild = {"epochs": 1, "batch_size": 64, "optimiser": "SGD with momentum", "learning_rate": 1e3, "clip_norm": 1e9}
    spec = RunSpec("linear", {}, {**wild, "warmup": 0.0}, "digits")
    with pytest.raises(ValueError, match="diverged at step .* grew too large to be kept"):
        list(execute_with_maps(spec))


def test_a_worker_tells_points_instead_of_codes() -> None:
    events = list(execute_with_maps(RunSpec("dense", {"latent_dim": 8}, {"epochs": 1, "batch_size": 512}, "digits")))
    moments = [event for event in events if event["kind"] == "moment"]
    assert len(moments) == 4
    assert all("codes" not in moment and len(moment["points"]) == 300 * 2 * 4 for moment in moments)
