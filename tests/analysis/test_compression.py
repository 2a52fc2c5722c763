"""Rounded codes: the error that mathematics promises, the bits that are counted, and the entropy of known dice."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats
from torch import Tensor

from explorer.analysis.compression import IdealCoder, Quantiser, fit, layout_of, side_bits

ALL_BITS = list(range(1, 17))


def drawn(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def distinct(values: Tensor) -> list[float]:
    return sorted(set(values.flatten().tolist()))


def sparse(count: int, dim: int, awake: int) -> Tensor:
    """Codes in each of which so many numbers are not 0."""
    places = torch.rand(count, dim, generator=drawn()).argsort(dim=1)[:, :awake]
    return torch.zeros(count, dim).scatter(1, places, 1 + torch.rand(count, awake, generator=drawn(1)))


@pytest.mark.parametrize("bits", [1, 2, 3, 5, 8, 12])
def test_evenly_spread_numbers_are_wrong_by_a_twelfth_of_the_step_squared(bits: int) -> None:
    z = torch.rand(20_000, 2, generator=drawn()) * 6 - 2
    ranges = torch.tensor([-2.0, -2.0]), torch.tensor([4.0, 4.0])
    quantiser = Quantiser(bits, *ranges, "plain")
    assert quantiser.step.tolist() == pytest.approx([6 / 2**bits] * 2)
    error = (quantiser(z).double() - z.double()).square().mean()
    assert float(error) == pytest.approx((6 / 2**bits) ** 2 / 12, rel=0.03)


def test_no_number_within_the_range_is_wrong_by_more_than_half_a_step() -> None:
    z = torch.randn(5_000, 8, generator=drawn())
    for quantiser in fit(z, [9, 12, 16]):
        assert bool(((quantiser(z) - z).abs() <= quantiser.step / 2 + 1e-6).all())


def test_sixteen_bits_are_as_good_as_none_missing() -> None:
    z = 10 * torch.randn(2_000, 4, generator=drawn())
    torch.testing.assert_close(fit(z, [16])[0](z), z, atol=1e-3, rtol=0)


def test_each_cell_is_used_and_has_one_value() -> None:
    z = torch.linspace(-1, 1, 4001).unsqueeze(1)
    for quantiser in fit(z, [1, 3, 6]):
        assert distinct(quantiser.cells(z)) == list(range(2**quantiser.bits))
        assert len(distinct(quantiser(z))) == 2**quantiser.bits


def test_what_lies_beyond_the_range_comes_back_as_its_last_cell() -> None:
    quantiser = Quantiser(2, torch.zeros(1), torch.ones(1), "plain")
    assert quantiser(torch.tensor([[-9.0], [0.0], [0.3], [1.0], [7.0]])).flatten().tolist() == [
        0.125,
        0.125,
        0.375,
        0.875,
        0.875,
    ]


def test_few_cells_leave_out_rare_values_and_many_do_not() -> None:
    z = torch.randn(4_000, 1, generator=drawn())
    few, many = fit(z, [2, 16])
    assert float(few.high) < 0.8 * float(z.max())
    assert float(many.low) == float(z.min())
    assert float(many.high) == float(z.max())
    widest = Quantiser(2, z.min(0).values, z.max(0).values, "plain")
    assert (few(z) - z).square().mean() < (widest(z) - z).square().mean()


def test_two_cells_of_a_bell_curve_come_near_the_best_that_there_are() -> None:
    z = torch.randn(20_000, 1, generator=drawn())
    error = (fit(z, [1])[0](z) - z).square().mean()
    assert float(error) == pytest.approx(1 - 2 / math.pi, rel=0.06)  # Max 1960: the best two cells of N(0, 1)


def test_each_bit_more_makes_the_error_smaller() -> None:
    z = torch.randn(3_000, 5, generator=drawn())
    errors = [float((one(z).double() - z.double()).square().mean()) for one in fit(z, ALL_BITS[:12])]
    assert errors == sorted(errors, reverse=True)


def test_a_number_that_never_changes_comes_back_as_it_is() -> None:
    z = torch.full((50, 3), 2.5)
    for quantiser in fit(z, [1, 16]):
        torch.testing.assert_close(quantiser(z), z)


def test_plain_codes_cost_numbers_times_bits() -> None:
    z = torch.randn(100, 24, generator=drawn())
    assert [distinct(one.size(z)) for one in fit(z, [1, 7, 16])] == [[24.0], [168.0], [384.0]]


def test_sparse_codes_cost_what_is_awake_and_where() -> None:
    rare, common = sparse(200, 1000, 30), sparse(200, 512, 70)
    assert layout_of(rare) == "list"
    assert layout_of(common) == "bitmask"
    assert layout_of(sparse(200, 10, 8)) == "plain"
    assert distinct(fit(rare, [6])[0].size(rare)) == [10 + 30 * (10 + 6)]  # a count to 1000, places below 1000
    assert distinct(fit(common, [6])[0].size(common)) == [512 + 70 * 6]
    assert distinct(side_bits(common, "list")) == [10 + 70 * 9]  # longer than the mask, so it is not chosen


def test_what_sleeps_stays_asleep_and_its_range_is_of_those_awake() -> None:
    z = sparse(500, 200, 20)
    for quantiser in fit(z, [1, 9, 12]):
        assert bool(((quantiser(z) == 0) == (z == 0)).all())
        assert bool(((quantiser.low >= 1) & (quantiser.high <= 2)).all())
    assert float((quantiser(z) - z).abs().max()) <= 0.5 / 2**12 + 1e-6


def test_the_ideal_coder_needs_the_entropy_of_a_loaded_die() -> None:
    chances = torch.tensor([0.5, 0.25, 0.125, 0.0625, 0.0625])
    rolled, fresh = (torch.multinomial(chances, 20_000, True, generator=drawn(seed)).unsqueeze(1) for seed in (0, 1))
    quantiser = Quantiser(3, torch.zeros(1), torch.full((1,), 8.0), "plain")
    size = IdealCoder.fit(quantiser, rolled.float()).size(fresh.float()).mean()
    assert float(size) == pytest.approx(stats.entropy(chances.numpy(), base=2), rel=0.02)  # 1.875 bits


def test_the_ideal_coder_saves_nothing_where_all_values_are_alike() -> None:
    z = torch.rand(20_000, 3, generator=drawn())
    for quantiser in fit(z, [2, 8, 16]):
        assert float(IdealCoder.fit(quantiser, z).size(z).mean()) == pytest.approx(3 * quantiser.bits, rel=0.01)


@pytest.mark.parametrize("bits", [6, 10, 16])
def test_the_ideal_coder_of_a_bell_curve_needs_its_differential_entropy(bits: int) -> None:
    z, fresh = (torch.randn(20_000, 1, generator=drawn(seed)) for seed in (0, 1))
    quantiser = Quantiser(bits, torch.tensor([-5.0]), torch.tensor([5.0]), "plain")
    expected = stats.norm.entropy() / math.log(2) - math.log2(10 / 2**bits)
    assert float(IdealCoder.fit(quantiser, z).size(fresh).mean()) == pytest.approx(expected, abs=0.06)


def test_the_ideal_coder_pays_for_waking_by_its_entropy() -> None:
    z = (torch.rand(20_000, 5, generator=drawn()) < 0.1).float() * 3
    size = IdealCoder.fit(fit(z, [1])[0], z).size(z).mean()
    assert float(size) == pytest.approx(5 * stats.entropy([0.1, 0.9], base=2), rel=0.03)


@pytest.mark.parametrize("bits", [[0], [17], [4, -1]])
def test_bits_that_no_number_has_are_refused(bits: list[int]) -> None:
    with pytest.raises(ValueError, match="needs codes and 1 to 16 bits a number"):
        fit(torch.rand(5, 2), bits)
    with pytest.raises(ValueError, match="got 0 codes"):
        fit(torch.zeros(0, 2), [4])
