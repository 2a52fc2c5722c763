"""A replay: maps that follow each other without flipping, and a file that gives back what was put in."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from explorer.analysis.replay import STEPS, Moment, flat, from_bytes, in_steps, to_bytes, told, turned
from explorer.models.checkpoint import CheckpointError

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(50, 2)).astype(np.float32)
ANGLE = 2.0
TURN = np.array([[np.cos(ANGLE), -np.sin(ANGLE)], [np.sin(ANGLE), np.cos(ANGLE)]], np.float32)
MIRROR = np.array([[1, 0], [0, -1]], np.float32)


@pytest.mark.parametrize("change", [TURN, MIRROR, TURN @ MIRROR], ids=["turned", "mirrored", "both"])
def test_what_was_only_turned_or_mirrored_lies_where_it_lay(change: np.ndarray) -> None:
    np.testing.assert_allclose(turned(POINTS @ change, POINTS), POINTS, atol=1e-5)


def test_the_turn_is_the_best_one_as_scipy_finds_it() -> None:
    other = RNG.normal(size=(50, 2)).astype(np.float32)
    best, _ = orthogonal_procrustes(other - other.mean(axis=0), POINTS - POINTS.mean(axis=0))
    np.testing.assert_allclose(turned(other, POINTS), other @ best, atol=1e-5)


def test_turning_changes_no_distance() -> None:
    other = RNG.normal(size=(50, 2)).astype(np.float32)
    moved = turned(other, POINTS)
    np.testing.assert_allclose(np.linalg.norm(moved - moved[0], axis=1), np.linalg.norm(other - other[0], axis=1), 1e-4)


def test_a_code_of_two_numbers_is_its_own_map() -> None:
    assert flat(POINTS) is POINTS


def test_a_code_of_one_number_lies_on_a_line() -> None:
    np.testing.assert_array_equal(flat(np.array([[3.0], [-2.0]], np.float32)), [[3, 0], [-2, 0]])


def test_a_wider_code_is_shown_by_its_two_widest_directions() -> None:
    codes = RNG.normal(size=(200, 5)).astype(np.float32) * np.array([1, 9, 2, 5, 1], np.float32)
    points = flat(codes)
    centred = codes - codes.mean(axis=0)
    _, strengths, _ = np.linalg.svd(centred)
    np.testing.assert_allclose(points.std(axis=0) * np.sqrt(200), strengths[:2], rtol=1e-3)


def test_a_moment_that_is_told_goes_on_from_the_one_before_unless_it_is_the_code_itself() -> None:
    event = {"points": (POINTS @ TURN).tobytes(), "size": 8, "at": 1.5, "test_mse": 0.1, "pictures": bytes(7840)}
    first = Moment(0.0, 0.2, POINTS, bytes(7840))
    np.testing.assert_allclose(told(event, first).points, POINTS, atol=1e-5)
    np.testing.assert_allclose(told({**event, "size": 2}, first).points, POINTS @ TURN, atol=1e-6)
    np.testing.assert_allclose(told(event, None).points, POINTS @ TURN, atol=1e-6)


def test_a_replay_is_read_as_it_was_written() -> None:
    moments = [Moment(float(i), 0.5 / (i + 1), POINTS * (i + 1), bytes([i]) * 7840) for i in range(3)]
    read = from_bytes(to_bytes(moments))
    assert [(one.at, one.pictures) for one in read] == [(one.at, one.pictures) for one in moments]
    for one, other in zip(read, moments, strict=True):
        assert one.error == pytest.approx(other.error)
        np.testing.assert_allclose(one.points, other.points, atol=float(np.abs(other.points).max()) / STEPS)


def test_points_that_are_all_zero_have_a_scale() -> None:
    scale, whole = in_steps(np.zeros((3, 2), np.float32))
    assert (scale, whole.tolist()) == (1.0, [[0, 0]] * 3)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", to_bytes([Moment(0, 1, POINTS, bytes(7840))])[:200]])
def test_a_damaged_file_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(CheckpointError, match="replay of this model cannot be read"):
        from_bytes(content)


def test_nothing_cannot_be_replayed() -> None:
    with pytest.raises(ValueError, match="at least one moment"):
        to_bytes([])
