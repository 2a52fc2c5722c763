"""What a code knows of digits that nobody told it: how well do simple readers read it who are told few labels?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

COUNTS = (10, 100, 1000, 10_000)  # labelled digits, as many of each
DRAWS = 5  # of the labelled digits, with the seeds 0 to 4
NEIGHBOURS = (1, 3, 5, 10)
LINEAR = "linear"
READERS = (LINEAR, *map(str, NEIGHBOURS))
PRICE = 0.05  # of the squared weights, for one digit more or less: as good as any in all spaces, for all counts
EXACT = 1e-4  # largest entry of the gradient at which a fit is done
PIECE = 500


@dataclass(frozen=True)
class Space:
    """The training digits that have labels and all test digits, (N, D) and (M, D), with their labels (N,) and (M,)."""

    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor


def counts_of(labels: Tensor) -> tuple[int, ...]:
    """How many digits can be given labels, as many of each digit, where the training digits have these labels (N,)."""
    most = 10 * int(torch.bincount(labels.long(), minlength=10).min())
    return tuple(count for count in COUNTS if count <= most)


def draws_of(count: int) -> int:
    """How many draws are measured: of ten thousand digits one says as much as another."""
    return DRAWS if count < COUNTS[-1] else 1


def labelled(labels: Tensor, count: int, seed: int) -> Tensor:
    """Which of the digits with labels (N,) are told to a reader: (count,), as many of each digit, digit by digit.

    With the same seed a smaller count draws some of the digits that a larger one draws. Raises ValueError for a count
    that is not a multiple of ten, or that the digits do not have.
    """
    each, generator = count // 10, torch.Generator().manual_seed(seed)
    least = int(torch.bincount(labels.long(), minlength=10).min())
    if count % 10 or not 1 <= each <= least:
        raise ValueError(f"the number of labels must be a multiple of 10, up to {10 * least}, got {count}")
    chosen = []
    for digit in range(10):
        known = (labels == digit).nonzero()[:, 0]
        chosen.append(known[torch.randperm(len(known), generator=generator)[:each]])
    return torch.cat(chosen)


def answers(space: Space, readers: Sequence[str] = READERS) -> dict[str, Tensor]:
    """What each reader takes the test digits for: (M,) int64. A number names the k of a vote among neighbours.

    No vote asks more neighbours than there are labelled digits of one kind.
    """
    given = {}
    if LINEAR in readers:
        given[LINEAR] = Linear.fit(space.train, space.train_labels).read(space.test)
    ks = [int(reader) for reader in readers if reader != LINEAR]
    if ks:
        most = len(space.train) // 10
        votes = voted_by(space, [min(k, most) for k in ks])
        given |= {str(k): vote for k, vote in zip(ks, votes, strict=True)}
    return given


@dataclass(frozen=True)
class Linear:
    """Multinomial logistic regression: weights (D, 10), bias (10,), for rows less their middle (D,) over their size."""

    weight: Tensor
    bias: Tensor
    middle: Tensor
    size: Tensor

    @classmethod
    def fit(cls, rows: Tensor, labels: Tensor, price: float = PRICE) -> Linear:
        """The weights W of least mean cross entropy + price / N x |W|², of rows (N, D) with labels (N,).

        Rows are centred and divided by their root mean square length, so neither a code's unit nor a rotation matters.
        L-BFGS, Liu and Nocedal 1989.
        """
        middle = rows.mean(dim=0)
        size = (rows - middle).square().sum(dim=1).mean().sqrt().clamp_min(1e-12)
        x, labels = (rows - middle) / size, labels.long()
        weight = torch.zeros(x.shape[1] + 1, 10, dtype=x.dtype, requires_grad=True)  # bias last
        optimiser = torch.optim.LBFGS([weight], max_iter=200, tolerance_grad=EXACT, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            optimiser.zero_grad()
            entropy = F.cross_entropy(x @ weight[:-1] + weight[-1], labels)
            total = entropy + price / len(rows) * weight[:-1].square().sum()
            total.backward()  # type: ignore[no-untyped-call]
            return total

        optimiser.step(loss)  # type: ignore[no-untyped-call]
        return cls(weight.detach()[:-1], weight.detach()[-1], middle, size)

    def read(self, rows: Tensor) -> Tensor:
        """The likeliest label of each row (M, D): (M,)."""
        pieces = torch.split(rows, PIECE)
        return torch.cat([((x - self.middle) / self.size @ self.weight + self.bias).argmax(dim=1) for x in pieces])


def voted_by(space: Space, ks: Sequence[int]) -> list[Tensor]:
    """For each k, the commonest label among each test digit's k nearest; of equally common ones the nearer: (M,)."""
    middle = space.train.mean(dim=0)
    known = space.train - middle  # near the origin, where squares lose no digits
    squares, one_hot, most = known.square().sum(dim=1), F.one_hot(space.train_labels.long(), 10).float(), max(ks)
    weight = 1 + torch.arange(most, 0, -1) / 1000  # decides among equals, and never against a majority
    votes: list[list[Tensor]] = [[] for _ in ks]
    for new in torch.split(space.test - middle, PIECE):
        nearest = (squares - 2 * new @ known.T).topk(most, dim=1, largest=False).indices  # (B, most)
        ballots = one_hot[nearest] * weight[:, None]  # (B, most, 10)
        for k, counted in zip(ks, votes, strict=True):
            counted.append(ballots[:, :k].sum(dim=1).argmax(dim=1))
    return [torch.cat(counted) for counted in votes]
