"""What the comparison with other trainers counts and judges; the trainers themselves are not run."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.peers import missed, step_flops
from benchmarks.trainers.ours import network


@pytest.mark.parametrize("batch", [1, 32])
def test_a_step_of_the_dense_network_is_five_products(batch: int) -> None:
    """Each layer's answer and the gradient of its weights, and that of the code; nobody asks for the image's."""
    assert step_flops(network("dense"), batch) == 5 * 2 * batch * 784 * 64


def test_a_step_of_the_variational_network_is_three_products_a_layer_but_the_first() -> None:
    products = [784 * 512, 512 * 40, 20 * 512, 512 * 784]
    assert step_flops(network("variational"), 16) == 2 * 16 * (3 * sum(products) - products[0])


def test_the_networks_are_as_large_as_those_that_they_are_compared_with() -> None:
    """The autoencoder of Keras' tutorial, and Pythae's default encoder and decoder with 20 numbers between them."""
    sizes = {name: sum(p.numel() for p in network(name).parameters()) for name in ("dense", "variational")}
    dense, encoder, decoder = 785 * 64 + 65 * 784, 785 * 512 + 2 * 513 * 20, 21 * 512 + 513 * 784
    assert sizes == {"dense": dense, "variational": encoder + decoder}


def rows(plain: float, pythae: float, *keras: float | str) -> list[dict[str, Any]]:
    """A table's columns that goals are about; "" is a trainer that never became good."""
    lines: list[tuple[str, float, float | str]] = [("plain PyTorch loop", plain, ""), ("Pythae's pipeline", pythae, "")]
    lines += [("Keras", 4.0, ratio) for ratio in keras]
    return [{"trainer": name, "times ours": times, "times ours to it": good} for name, times, good in lines]


def test_a_goal_is_missed_below_its_ratio_and_against_the_faster_keras() -> None:
    assert missed(rows(2.0, 3.0, "", 6.0)) == []
    assert [words.split(",")[1] for words in missed(rows(1.9, 2.9, 7.0, 5.9))] == [
        " it was 5.9",
        " it was 1.9",
        " it was 2.9",
    ]


def test_keras_that_never_becomes_good_is_not_a_goal_reached() -> None:
    assert len(missed(rows(2.0, 3.0, "", ""))) == 1
