"""The toy's network, points and principal axis, written in JavaScript, are those of PyTorch and NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.ui.components.component import FOLDER

HOME = "http://toy.test/"
ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "ReLU": nn.ReLU, "linear": nn.Identity}
HIDDEN = 5
STEP = """async ([activation, steps, rate]) => {
  const { network, backward, step, encode, decode } = await import('./toy_network.js');
  const { points, randoms } = await import('./toy_data.js');
  const x = points('spiral', 40, 0.1, 7);
  const net = network(5, activation, randoms(3));
  const first = [...net.theta];
  const error = backward(net, x);
  const gradient = [...net.gradient];
  const errors = Array.from({ length: steps }, () => step(net, x, rate));
  const z = encode(net, x);
  return { x: [...x], first, error, gradient, errors, last: [...net.theta], z: [...z], rebuilt: [...decode(net, z)] };
}"""
POINTS = """async ([curve, sigma, seed]) => {
  const { points, principal } = await import('./toy_data.js');
  const x = points(curve, 150, sigma, seed);
  return { x: [...x], again: [...points(curve, 150, sigma, seed)], ...principal(x) };
}"""
TRAIN = """async ([settings, starts]) => {
  const { advance, angle, measured, order, tear, training } = await import('./toy_run.js');
  return Array.from({ length: starts }, (_, start) => {
    const run = training({ sigma: 0.1, hidden: 16, activation: 'tanh', seed: start, start, ...settings });
    while (advance(run));
    const seen = measured(run);
    const times = run.pca.error / seen.error;
    return { times, degrees: angle(run, seen), order: order(seen), tear: tear(run, seen).share };
  });
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page that can import the toy's modules."""
    context = browser.new_context()
    page = context.new_page()
    page.route(f"{HOME}**", lambda route: route.fulfill(body="", content_type="text/html"))
    page.route(f"{HOME}*.js", lambda route: route.fulfill(path=FOLDER / route.request.url.removeprefix(HOME)))
    page.goto(HOME)
    yield page
    context.close()


def twin(activation: str, theta: list[float]) -> nn.Sequential:
    """The same network in PyTorch, with the same weights."""
    bend = ACTIVATIONS[activation]
    chain = nn.Sequential(
        nn.Linear(2, HIDDEN), bend(), nn.Linear(HIDDEN, 1), nn.Linear(1, HIDDEN), bend(), nn.Linear(HIDDEN, 2)
    ).double()
    nn.utils.vector_to_parameters(torch.tensor(theta, dtype=torch.float64), chain.parameters())
    return chain


def gradient(chain: nn.Sequential, x: Tensor) -> Tensor:
    """By autograd, one number for each weight; it stays in the parameters too."""
    chain.zero_grad()
    F.mse_loss(chain(x), x).backward()  # type: ignore[no-untyped-call]
    return torch.cat([parameter.grad.flatten() for parameter in chain.parameters() if parameter.grad is not None])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_and_steps_of_adam_are_those_of_pytorch(page: Page, activation: str) -> None:
    toy: dict[str, Any] = page.evaluate(STEP, [activation, 10, 0.02])
    x = torch.tensor(toy["x"], dtype=torch.float64).view(-1, 2)
    chain = twin(activation, toy["first"])
    assert F.mse_loss(chain(x), x).item() == pytest.approx(toy["error"], abs=1e-12)
    expected = gradient(chain, x)
    assert expected.abs().max() > 0.1
    assert torch.allclose(torch.tensor(toy["gradient"], dtype=torch.float64), expected, rtol=0, atol=1e-10)
    adam = torch.optim.Adam(chain.parameters(), lr=0.02)
    for error in toy["errors"]:
        assert F.mse_loss(chain(x), x).item() == pytest.approx(error, abs=1e-6)
        gradient(chain, x)
        adam.step()
    last = nn.utils.parameters_to_vector(chain.parameters())
    assert torch.allclose(torch.tensor(toy["last"], dtype=torch.float64), last, rtol=0, atol=1e-6)
    assert torch.allclose(torch.tensor(toy["z"], dtype=torch.float64), chain[:3](x).flatten(), rtol=0, atol=1e-5)
    assert torch.allclose(torch.tensor(toy["rebuilt"], dtype=torch.float64), chain(x).flatten(), rtol=0, atol=1e-5)


@pytest.mark.parametrize("curve", ["parabola", "spiral", "circle"])
def test_the_principal_axis_is_that_of_the_singular_values(page: Page, curve: str) -> None:
    toy: dict[str, Any] = page.evaluate(POINTS, [curve, 0.2, 11])
    x = np.array(toy["x"]).reshape(-1, 2)
    assert np.abs(x.mean(axis=0)).max() < 1e-12
    assert (x**2).mean() == pytest.approx(1)
    _, values, axes = np.linalg.svd(x)
    assert abs(axes[0] @ toy["axis"]) == pytest.approx(1, abs=1e-9)
    assert toy["error"] == pytest.approx(values[1] ** 2 / x.size)
    assert toy["again"] == toy["x"]


def test_without_noise_the_points_lie_on_their_curve(page: Page) -> None:
    x = np.array(page.evaluate(POINTS, ["parabola", 0, 1])["x"]).reshape(-1, 2)
    fitted = np.polynomial.Polynomial.fit(x[:, 0], x[:, 1], 2)
    assert np.abs(fitted(x[:, 0]) - x[:, 1]).max() < 1e-9
    circle = np.array(page.evaluate(POINTS, ["circle", 0, 1])["x"]).reshape(-1, 2)
    system = np.column_stack([circle, np.ones(len(circle))])  # x^2 + y^2 = a x + b y + c on any circle
    assert np.linalg.lstsq(system, (circle**2).sum(axis=1))[1] < 1e-9


def test_the_linear_network_becomes_pca(page: Page) -> None:
    for curve in ("parabola", "spiral"):  # a circle has no principal axis but by its noise
        for one in page.evaluate(TRAIN, [{"curve": curve, "activation": "linear"}, 4]):
            assert one["degrees"] < 1
            assert one["times"] == pytest.approx(1, abs=0.001)


def test_the_curve_finds_the_parabola_from_nearly_every_start(page: Page) -> None:
    found = page.evaluate(TRAIN, [{"curve": "parabola"}, 10])
    assert sum(one["times"] > 3 for one in found) >= 9
    assert sum(one["order"] > 0.98 for one in found) >= 8


def test_a_circle_is_torn(page: Page) -> None:
    assert min(one["tear"] for one in page.evaluate(TRAIN, [{"curve": "circle"}, 4])) > 0.15


def test_more_hidden_units_unroll_the_spiral_from_more_starts(page: Page) -> None:
    few, many = (page.evaluate(TRAIN, [{"curve": "spiral", "hidden": hidden}, 8]) for hidden in (4, 16))
    assert sum(one["order"] > 0.98 for one in few) <= 2
    assert sum(one["order"] > 0.98 for one in many) >= 4
