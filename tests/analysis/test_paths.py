"""Ways between codes: known points of lines and circles."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.spatial import geometric_slerp

from explorer.analysis.paths import WAYS, arithmetic, mean_codes, path
from tests.cases import seeded

A, B = torch.randn(2, 6, generator=seeded(0))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("steps", [2, 5, 15])
def test_a_path_begins_and_ends_where_it_should(way: str, steps: int) -> None:
    codes = path(A, B, steps, way)
    assert codes.shape == (steps, 6)
    torch.testing.assert_close(codes[0], A)
    torch.testing.assert_close(codes[-1], B)


def test_the_straight_way_has_equal_steps() -> None:
    steps = path(A, B, 8).diff(dim=0)
    torch.testing.assert_close(steps, ((B - A) / 7).expand(7, 6))


def test_slerp_of_unit_codes_is_scipys() -> None:
    a, b = (one.double() / one.double().norm() for one in (A, B))
    reference = geometric_slerp(a.numpy(), b.numpy(), torch.linspace(0, 1, 9).double().numpy())
    torch.testing.assert_close(path(a, b, 9, "slerp"), torch.from_numpy(reference))


def test_along_slerp_angle_and_length_change_evenly() -> None:
    codes = path(A, 3 * B, 7, "slerp")
    lengths = codes.norm(dim=1)
    torch.testing.assert_close(lengths.diff(), ((3 * B.norm() - A.norm()) / 6).expand(6))
    angles = torch.acos((codes[:-1] * codes[1:]).sum(dim=1) / (lengths[:-1] * lengths[1:]))
    torch.testing.assert_close(angles, angles[:1].expand(6), rtol=1e-3, atol=1e-4)


def test_a_quarter_turn_goes_through_the_diagonal() -> None:
    middle = path(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), 3, "slerp")[1]
    torch.testing.assert_close(middle, torch.full((2,), math.sqrt(0.5)))


@pytest.mark.parametrize("end", [torch.zeros(6), 2 * A, -A, A, A * (1 + 1e-7)])
def test_where_there_is_no_arc_slerp_goes_straight(end: torch.Tensor) -> None:
    codes = path(A, end, 5, "slerp")
    assert bool(codes.isfinite().all())
    torch.testing.assert_close(codes, path(A, end, 5, "linear"))


def test_sums_and_means_of_codes() -> None:
    torch.testing.assert_close(arithmetic(A, B, B), A)
    labels = torch.arange(40) % 10
    codes = torch.randn(40, 3, generator=seeded(1))
    means = mean_codes(codes, labels)
    torch.testing.assert_close(means[4], (codes[4] + codes[14] + codes[24] + codes[34]) / 4)


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(ValueError, match="the way must be one of linear, slerp, got 'detour'"):
        path(A, B, 5, "detour")
    with pytest.raises(ValueError, match="at least 2 steps, got 1"):
        path(A, B, 1)
