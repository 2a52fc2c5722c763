"""What a simple reader can tell from codes: a linear classifier, and the nearest neighbours."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

BATCH = 200
RATE = 0.2
DECAY = 1e-6  # price of the squared weights, for codes of length one: wide codes would be learnt by heart without it


def linear_classifier_error(
    train_codes: Tensor, train_labels: Tensor, test_codes: Tensor, test_labels: Tensor, *, seed: int, epochs: int = 10
) -> float:
    """Share of test codes (M, D) that multinomial logistic regression, fitted on codes (N, D), labels wrongly.

    Codes are centred and divided by one number, the training codes' root mean square length, so that neither the
    code's unit nor a rotation matters. Labels count from 0. Adam with a cosine; the seed draws the order.
    Raises ValueError where codes and labels differ in number.
    """
    if len(train_codes) != len(train_labels) or len(test_codes) != len(test_labels):
        raise ValueError("there must be one label for each code")
    mean = train_codes.mean(dim=0)
    length = _mean_square_length(train_codes, mean).sqrt().clamp_min(1e-12)
    weight = torch.zeros(train_codes.shape[1] + 1, int(train_labels.max()) + 1, requires_grad=True)  # bias last
    optimiser = torch.optim.Adam([weight], lr=RATE, fused=True)
    generator = torch.Generator().manual_seed(seed)
    steps = epochs * -(-len(train_codes) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(epochs):
        for which in torch.split(torch.randperm(len(train_codes), generator=generator), BATCH):
            x = (train_codes[which] - mean) / length
            entropy = F.cross_entropy(x @ weight[:-1] + weight[-1], train_labels[which].long())
            loss = entropy + DECAY * weight[:-1].square().sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    with torch.no_grad():
        answer = ((test_codes - mean) / length @ weight[:-1] + weight[-1]).argmax(dim=1)
    return float((answer != test_labels).float().mean())


def knn_accuracy(codes: Tensor, labels: Tensor, k: int = 5) -> float:
    """Share of the second half of the codes (N, D) whose label is the commonest among its k nearest in the first half.

    Among equally common labels the smallest wins. Raises ValueError unless k lies between 1 and N // 2.
    """
    half = len(codes) // 2
    if not 1 <= k <= half:
        raise ValueError(f"k must lie between 1 and half of the {len(codes)} codes, got {k}")
    known, right = F.one_hot(labels[:half].long()), 0
    for new, label in zip(torch.split(codes[half:], BATCH), torch.split(labels[half:], BATCH), strict=True):
        nearest = torch.cdist(new, codes[:half]).topk(k, dim=1, largest=False).indices  # (B, k)
        right += int((known[nearest].sum(dim=1).argmax(dim=1) == label).sum())
    return right / (len(codes) - half)


def _mean_square_length(codes: Tensor, centre: Tensor) -> Tensor:
    """Of codes (N, D) seen from the centre (D,), in pieces."""
    return torch.stack([(c - centre).square().sum() for c in torch.split(codes, BATCH)]).sum() / len(codes)
