"""What every autoencoder promises, held for each registered variant and for each of its knobs."""

from __future__ import annotations

import json
import re
from dataclasses import astuple

import pytest
import torch
from torch import Tensor

from explorer.models.base import Annealing, Decoding, Losses, Output
from explorer.models.checkpoint import pack, round_to_half, unpack
from explorer.models.knobs import knobs
from explorer.models.registry import GROUPS, Variant, parameter_count, variants
from explorer.training.evaluate import evaluate
from tests.cases import CASES, DEFAULTS, TURNED, Case, card_for, fingerprint, images, seeded, total, trained

EVERY_CASE = pytest.mark.parametrize("case", CASES, ids=str)
EVERY_VARIANT = pytest.mark.parametrize("case", DEFAULTS, ids=str)


def tensors(output: Output) -> list[Tensor]:
    return [value for value in vars(output).values() if isinstance(value, Tensor)]


def passed(case: Case, training: bool, seed: int = 1) -> tuple[Output, Losses]:
    """One pass of a fresh model over eight images, without gradients."""
    model = case.model().train(training)
    with torch.no_grad():
        output: Output = model(images(8), seeded(seed))
        return output, model.loss(images(8), output)


@EVERY_CASE
@pytest.mark.parametrize("training", [True, False], ids=["training", "outside training"])
def test_a_pass_gives_images_codes_and_finite_terms(case: Case, training: bool) -> None:
    output, losses = passed(case, training)
    assert output.reconstruction.shape == (8, 1, 28, 28)
    assert output.latent.shape == (8, case.config.as_dict()["latent_dim"])
    assert all(bool(tensor.isfinite().all()) for tensor in tensors(output))
    assert losses
    assert all(term.shape == () and bool(term.isfinite()) for term in losses.values())
    assert not any(tensor.requires_grad for tensor in [*tensors(output), *losses.values()])


@EVERY_CASE
def test_reconstructions_outside_training_are_images(case: Case) -> None:
    pixels = passed(case, training=False)[0].reconstruction
    assert 0 <= float(pixels.min()) <= float(pixels.max()) <= 1


@EVERY_CASE
def test_encoding_draws_nothing(case: Case) -> None:
    model = case.model().eval()
    with torch.no_grad():
        assert torch.equal(model.encode(images(8)), model.encode(images(8)))


@EVERY_CASE
@pytest.mark.parametrize("training", [True, False], ids=["training", "outside training"])
def test_the_same_seed_gives_the_same_bits(case: Case, training: bool) -> None:
    once, again = passed(case, training), passed(case, training)
    assert all(torch.equal(a, b) for a, b in zip(tensors(once[0]), tensors(again[0]), strict=True))
    assert once[1] == again[1]


@EVERY_VARIANT
def test_what_is_drawn_depends_on_the_seed(case: Case) -> None:
    model, generator = case.model(), seeded(1)
    before = generator.get_state()
    model(images(8), generator)
    is_random = not torch.equal(before, generator.get_state())
    one, other = (tensors(passed(case, training=True, seed=seed)[0]) for seed in (1, 2))
    assert is_random == any(not torch.equal(a, b) for a, b in zip(one, other, strict=True))


@EVERY_VARIANT
def test_first_weights_depend_on_the_seed_alone(case: Case) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        one = case.model(seed=5).state_dict()
        torch.manual_seed(2)
        same, other = case.model(seed=5).state_dict(), case.model(seed=6).state_dict()
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


@EVERY_VARIANT
def test_initialising_makes_a_used_model_new(case: Case) -> None:
    fresh, used = case.model().state_dict(), trained(case.model(), steps=2)
    used.initialise(images(300).mean(dim=0), seeded(0))
    assert all(torch.equal(tensor, used.state_dict()[name]) for name, tensor in fresh.items())


@EVERY_CASE
def test_every_parameter_learns(case: Case) -> None:
    model = case.model()
    total(model, images(8)).backward()  # type: ignore[no-untyped-call]
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    assert all(gradient is not None and bool(gradient.isfinite().all()) for gradient in gradients.values())
    assert any(bool(gradient.any()) for gradient in gradients.values() if gradient is not None)


@EVERY_VARIANT
def test_forty_steps_make_the_objective_smaller(case: Case) -> None:
    model, x = case.model(), images(200, start=1290)
    if isinstance(model, Annealing):
        model.anneal(1.0)  # the same objective before and after
    with torch.no_grad():
        before = total(model, x).item()
    trained(model, steps=40, rate=case.variant.training.learning_rate, batch=32)
    with torch.no_grad():
        assert total(model, x).item() < 0.95 * before


@EVERY_CASE
@pytest.mark.parametrize("training", [True, False], ids=["training", "outside training"])
def test_a_pass_leaves_everything_else_alone(case: Case, training: bool) -> None:
    model, x = case.model().train(training), images(8)
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = torch.get_rng_state()
    output = model(x, seeded(1))
    model.loss(x, output)
    model.encode(x)
    if isinstance(model, Decoding):
        model.decode(output.latent)
        model.chain()
    assert all(torch.equal(tensor, model.state_dict()[name]) for name, tensor in weights.items())
    model.initialise(x.mean(dim=0), seeded(0))
    assert torch.equal(state, torch.get_rng_state()), "PyTorch's own random numbers were used"
    assert torch.equal(x, images(8)), "the images were written to"
    assert {module.training for module in model.modules()} == {training}


@EVERY_VARIANT
def test_inference_mode_gives_the_same_images(case: Case) -> None:
    model = case.model().eval()
    with torch.inference_mode():
        quick = model(images(8), seeded(1)).reconstruction
    assert torch.allclose(quick, model(images(8), seeded(1)).reconstruction, atol=1e-6)


@EVERY_CASE
@pytest.mark.parametrize("training", [True, False], ids=["training", "outside training"])
def test_a_single_image_is_enough(case: Case, training: bool) -> None:
    model, x = case.model().train(training), images(1)
    output = model(x, seeded(1))
    assert output.reconstruction.shape == (1, 1, 28, 28)
    assert len(output.latent) == 1
    assert all(bool(term.isfinite()) for term in model.loss(x, output).values())


@EVERY_CASE
def test_an_image_does_not_notice_its_neighbours(case: Case) -> None:
    model, x = case.model().eval(), images(8)
    others = torch.cat((x[:1], torch.rand(7, 1, 28, 28, generator=seeded(3))))
    with torch.no_grad():
        one, other = model(x, seeded(1)), model(others, seeded(1))
        assert torch.allclose(one.reconstruction[0], other.reconstruction[0], atol=1e-6)
        assert torch.allclose(one.latent[0], other.latent[0], rtol=1e-5, atol=1e-5)
        assert torch.allclose(model.encode(x)[:1], model.encode(x[:1]), rtol=1e-5, atol=1e-5)


@EVERY_CASE
def test_a_checkpoint_brings_the_model_back_to_the_bit(case: Case) -> None:
    model = case.model().eval()
    round_to_half(model)
    weights = pack(model)
    back = unpack(card_for(case, weights), weights)
    assert not back.training
    assert all(torch.equal(tensor, model.state_dict()[name]) for name, tensor in back.state_dict().items())
    with torch.no_grad():
        one, other = model(images(8), seeded(1)), back(images(8), seeded(1))
    assert torch.equal(one.reconstruction, other.reconstruction)
    assert all(p.requires_grad and p.dtype == torch.float32 for p in back.parameters())
    assert trained(back, steps=1) is back


@EVERY_VARIANT
def test_every_knob_of_a_variant_was_turned(case: Case) -> None:
    reached = {other.knob for other in TURNED if other.variant is case.variant}
    assert reached == set(knobs(case.variant.config))


@pytest.mark.parametrize("case", TURNED, ids=str)
def test_every_knob_changes_something(case: Case) -> None:
    plain = Case(case.variant, case.plain)
    assert fingerprint(case.model(), images(8)) != fingerprint(plain.model(), images(8))


@EVERY_CASE
def test_settings_survive_json(case: Case) -> None:
    sent = json.loads(json.dumps(case.config.as_dict(), allow_nan=False))
    assert case.variant.config.from_dict(sent) == case.config


@EVERY_CASE
def test_parameters_are_counted_without_making_them(case: Case) -> None:
    assert parameter_count(case.variant, case.config) == sum(p.numel() for p in case.model().parameters())


@EVERY_VARIANT
def test_evaluation_reports_the_same_figures_and_the_terms_of_the_objective(case: Case) -> None:
    model = case.model()
    figures = evaluate(model, (images(20) * 255).byte().numpy())
    terms = model.loss(images(8), model(images(8), seeded(1)))
    assert list(figures) == ["mse", "psnr", *terms]
    assert all(abs(value) < 1e6 for value in figures.values())


@pytest.mark.parametrize("variant", variants().values(), ids=variants())
def test_a_variant_introduces_itself(variant: Variant) -> None:
    text = [line for line in variant.lesson.splitlines() if line.strip()]
    assert text[0].startswith("# ")
    assert len(text) <= 15
    assert "$" in variant.lesson, "a lesson holds its formula"
    assert re.search(r"\b(19|20)\d\d\b", text[-1]), "a lesson ends with its paper"
    assert variant.lesson.count("$") % 2 == 0
    assert variant.group in GROUPS
    assert variant.summary.endswith(".")
    assert len(variant.summary) <= 100
    assert f"class {variant.kind.__name__}" in variant.source


def test_no_variant_inherits_from_another() -> None:
    kinds = {variant.kind for variant in variants().values()}
    assert all(not set(kind.__mro__[1:]) & kinds for kind in kinds)


def test_settings_are_values() -> None:
    assert all(case.config == case.variant.config(**case.config.as_dict()) for case in CASES)
    assert len({(case.variant.name, astuple(case.config)) for case in CASES}) == len(CASES)
