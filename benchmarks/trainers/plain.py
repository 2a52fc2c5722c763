"""The loop that PyTorch's first tutorial teaches: a data set of tensors, a DataLoader that shuffles, Adam."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from turns import Turns  # this program's own folder is where Python looks first


def main() -> None:
    """Train."""
    turns = Turns()
    torch.set_num_threads(turns.settings["threads"])
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid())
    optimiser, criterion = torch.optim.Adam(model.parameters(), lr=1e-3), nn.MSELoss()
    images = TensorDataset(torch.from_numpy(turns.floats(turns.train_images, 784)))
    loader = DataLoader(images, batch_size=turns.settings["batch_size"], shuffle=True)
    test_images = torch.from_numpy(turns.floats(turns.test_images, 784))

    def reconstruct() -> Tensor:
        with torch.no_grad():
            answer: Tensor = model(test_images)
        return answer

    turns.ready(sum(parameter.numel() for parameter in model.parameters()))
    for _ in range(turns.settings["epochs"]):
        turns.begin()
        total = 0.0
        for (x,) in loader:
            optimiser.zero_grad()
            loss = criterion(model(x), x)
            loss.backward()
            optimiser.step()
            total += loss.item()
        turns.end(reconstruct)


if __name__ == "__main__":
    main()
