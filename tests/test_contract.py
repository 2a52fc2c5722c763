"""What every registered variant promises, whatever it is. A new variant is held to this without a line here."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.data.dataset import Dataset
from explorer.models.base import Annealing, Autoencoder, Decoding, Generative, Masking
from explorer.models.checkpoint import Card, pack, round_to_half, unpack
from explorer.models.knobs import Choice, Config, Slider, Switch, knobs
from explorer.models.registry import GROUPS, Variant, parameter_count, variants
from explorer.training.train import mean_image, train

NAMES = list(variants())
MEAN = torch.full((1, 28, 28), 0.13)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def fresh(variant: Variant, config: Config | None = None) -> Autoencoder:
    model = variant.model(config or variant.config())
    model.initialise(MEAN, seeded())
    return model.eval()


def images(n: int = 4) -> Tensor:
    return torch.rand(n, 1, 28, 28, generator=seeded(1))


@pytest.fixture(params=NAMES)
def variant(request: pytest.FixtureRequest) -> Variant:
    return variants()[request.param]


def test_all_eleven_variants_are_found() -> None:
    expected = {"linear", "dense", "convolutional", "sequence", "sparse_l1", "sparse_kl", "k_sparse", "contractive"}
    assert set(NAMES) >= expected | {"denoising", "masked", "variational"}


def test_output_has_the_promised_shape_and_range(variant: Variant) -> None:
    model, x = fresh(variant), images()
    with torch.no_grad():
        output = model(x, seeded())
    assert output.reconstruction.shape == x.shape
    assert output.latent.shape[0] == len(x)
    assert 0 <= float(output.reconstruction.min()) <= float(output.reconstruction.max()) <= 1


def test_a_batch_of_one_works(variant: Variant) -> None:
    assert fresh(variant)(images(1), seeded()).reconstruction.shape == (1, 1, 28, 28)


def test_encoding_is_deterministic_outside_training(variant: Variant) -> None:
    model, x = fresh(variant), images()
    assert torch.equal(model.encode(x), model.encode(x))


def test_the_same_seed_draws_the_same_output(variant: Variant) -> None:
    model, x = fresh(variant).train(), images()
    first, second = model(x, seeded(3)), model(x, seeded(3))
    assert torch.equal(first.reconstruction, second.reconstruction)


def test_the_first_weights_come_from_the_generator_alone(variant: Variant) -> None:
    first = fresh(variant).state_dict()
    torch.rand(7)
    second = fresh(variant).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_neither_the_input_nor_global_randomness_is_touched(variant: Variant) -> None:
    model, x = fresh(variant).train(), images()
    kept, state = x.clone(), torch.random.get_rng_state()
    model.loss(x, model(x, seeded()))
    assert torch.equal(x, kept)
    assert torch.equal(state, torch.random.get_rng_state())


def test_loss_terms_are_scalars_whose_sum_moves_every_weight(variant: Variant) -> None:
    model, x = fresh(variant).train(), images()
    losses = model.loss(x, model(x, seeded()))
    assert all(term.shape == () and bool(term.isfinite()) for term in losses.values())
    torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
    still = [name for name, weight in model.named_parameters() if weight.grad is None]
    assert still == []


def test_one_image_does_not_depend_on_the_others(variant: Variant) -> None:
    model, x = fresh(variant), images(6)
    torch.testing.assert_close(model.encode(x)[:1], model.encode(x[:1]), atol=1e-5, rtol=1e-4)


def test_forward_decodes_what_encode_gives(variant: Variant) -> None:
    model, x = fresh(variant), images()
    if not isinstance(model, Decoding):
        assert isinstance(model, Masking)
        return
    torch.testing.assert_close(model.decode(model.encode(x)), model(x, seeded()).reconstruction)


def test_the_chain_of_layers_is_the_decoder(variant: Variant) -> None:
    model = fresh(variant)
    layers = model.chain() if isinstance(model, Decoding) else ()
    z = model.encode(images())
    x = z
    for layer in layers:
        x = layer(x)
    if layers:
        assert isinstance(model, Decoding)
        torch.testing.assert_close(x.reshape(-1, 1, 28, 28), model.decode(z), atol=1e-5, rtol=1e-4)
    assert layers or variant.name in ("sequence", "masked")


def test_training_lowers_the_loss(variant: Variant, digits: Dataset) -> None:
    config = dataclasses.replace(variant.training, epochs=2, batch_size=64)
    model = variant.model(variant.config())
    if isinstance(model, Annealing):  # its objective gets harder on purpose, so compare errors of the same kind
        config = dataclasses.replace(config, epochs=3)
    progress = list(train(model, digits.train_images[:640], config))
    first, last = (sum(p.losses.values()) for p in (progress[0], progress[-1]))
    assert last < first


def test_a_checkpoint_brings_back_the_same_model(variant: Variant) -> None:
    model = fresh(variant)
    round_to_half(model)
    weights = pack(model)
    again = unpack(card(variant, weights), weights)
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), again.state_dict().values(), strict=True))


def card(variant: Variant, weights: bytes, config: Config | None = None) -> Card:
    import hashlib

    settings = (config or variant.config()).as_dict()
    digest = hashlib.sha256(weights).hexdigest()
    return Card(
        "x", "x", variant.name, settings, variant.training.as_dict(), "mnist", "", 1, {}, 0.0, 1, "cpu", "2", digest
    )


def other_values(knob: Slider | Choice | Switch, value: Any) -> list[Any]:
    """Legal settings other than this one."""
    if isinstance(knob, Switch):
        return [not value]
    if isinstance(knob, Choice):
        return [option for option in knob.options if option != value]
    step = int if isinstance(value, int) else float
    return [step(end) for end in (knob.low, knob.high) if end != value]


def reaction(variant: Variant, config: Config) -> tuple[Any, ...]:
    """Everything about a model that a setting could change."""
    model = fresh(variant, config)
    if isinstance(model, Annealing):
        model.anneal(0.05)
    x = images()
    seen = [float(model.encode(x).detach().sum()), float(model(x, seeded(2)).reconstruction.detach().sum())]
    model.train()
    seen += [float(term.detach()) for term in model.loss(x, model(x, seeded(2))).values()]
    return (parameter_count(variant, config), *seen)


def test_every_knob_does_something(variant: Variant) -> None:
    default = variant.config()
    usual = reaction(variant, default)
    for name, knob in knobs(variant.config).items():
        reactions = []
        for value in other_values(knob, getattr(default, name)):
            try:
                reactions.append(reaction(variant, dataclasses.replace(default, **{name: value})))
            except ValueError as refused:
                assert name.split("_")[0] in str(refused) or "k" in str(refused)
        assert any(seen != usual for seen in reactions), f"{name} changes nothing"


def test_settings_survive_json(variant: Variant) -> None:
    config = variant.config()
    assert variant.config.from_dict(json.loads(json.dumps(config.as_dict()))) == config


def test_the_lesson_is_short_and_names_its_paper(variant: Variant) -> None:
    lines = variant.lesson.splitlines()
    assert lines[0].startswith("# ")
    assert len([line for line in lines if line.strip()]) <= 15
    assert "$" in variant.lesson
    assert re.search(r"\b(19|20)\d\d\b", variant.lesson)
    assert variant.group in GROUPS
    assert variant.summary.endswith(".")


def test_a_generative_model_draws_codes_that_decode(variant: Variant) -> None:
    model = fresh(variant)
    if isinstance(model, Generative):
        z = model.sample_prior(5, seeded())
        assert model.decode(z).shape == (5, 1, 28, 28)
    assert isinstance(model, Generative) == (variant.name == "variational")


def test_the_untrained_model_starts_near_the_mean_image(digits: Dataset) -> None:
    """The output bias does it; PyTorch's own start answers grey everywhere, an error about three times as large."""
    mean = mean_image(digits.train_images)
    x = torch.from_numpy(digits.test_images / np.float32(255))
    best = float((x - mean).square().mean())
    model = variants()["dense"].model(variants()["dense"].config())
    model.initialise(mean, seeded())
    with torch.no_grad():
        assert float((model.eval()(x, seeded()).reconstruction - x).square().mean()) < 1.6 * best
