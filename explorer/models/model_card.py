"""What a person reads of a model on the Hugging Face Hub: the explorer's card as a page, and its head for machines."""

from __future__ import annotations

from huggingface_hub import EvalResult, ModelCardData

from explorer.models.checkpoint import Card
from explorer.models.knobs import Config
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import named, parameter_count

LICENSE = "apache-2.0"
LIBRARY = "autoencoder-explorer"
TASK = "image-to-image"
MNIST = ("ylecun/mnist", "MNIST")  # as the Hub knows it, and as people do
DIGITS = ("digits", "scikit-learn's digits in MNIST's format")
PAGE = """---
{head}
---

# {kind} autoencoder: {title}

{summary}

Trained and measured with the Autoencoder Explorer, on {dataset}, pixels from 0 to 1: {parameters:,} parameters,
{epochs} epochs in {seconds:g} seconds (threads: {threads}, device: {device}, PyTorch {torch}).

## Use it

In the folder of the Autoencoder Explorer, with its requirements installed:

```python
import torch

from explorer.models.checkpoint import unpack
from explorer.models.hub import pull

model = unpack(*pull("{repo}"))
x = torch.rand(1, 1, 28, 28)  # a digit, white on black
z = model.encode(x)
```

`python -m explorer.models.hub pull {repo} model.zip` writes a file that the explorer's page takes too, at Learn,
Take home; there the page can also pull by itself.

## What it reached

Measured on {tested}.

{figures}

## How it was made

{settings}
"""


def model_card(card: Card, repo_id: str) -> str:
    """The README.md of a model's repository. Raises ValueError where the card's settings are wrong."""
    variant, training = named(card.variant), TrainingConfig.from_dict(card.training)
    config = variant.config.from_dict(card.settings)
    return PAGE.format(
        head=front_matter(card).to_yaml(),
        kind=variant.title,
        title=card.title,
        summary=variant.summary,
        dataset=_dataset(card)[1],
        parameters=parameter_count(variant, config),
        epochs=card.epochs,
        seconds=card.seconds,
        threads=card.threads,
        device=card.device,
        torch=card.torch_version,
        repo=repo_id,
        tested=f"{card.tested:,} test digits" if card.tested else "test digits",
        figures=_table(("figure", "value"), [(name, f"{value:.6g}") for name, value in card.figures.items()]),
        settings="\n\n".join(
            _table((of, "value"), _rows(one)) for of, one in (("of the model", config), ("of its training", training))
        ),
    )


def front_matter(card: Card) -> ModelCardData:
    """What the Hub sorts and finds models by; every figure of the card is a result in its model index."""
    place, title = _dataset(card)
    results = [
        EvalResult(TASK, place, title, name, value, dataset_split="test") for name, value in card.figures.items()
    ]
    return ModelCardData(
        license=LICENSE,
        library_name=LIBRARY,
        pipeline_tag=TASK,
        tags=["autoencoder", card.variant.replace("_", "-"), "mnist"],
        datasets=[place] if place == MNIST[0] else None,
        metrics=list(card.figures),
        model_name=card.name,
        eval_results=results,
    )


def _dataset(card: Card) -> tuple[str, str]:
    return MNIST if card.dataset == "mnist" else DIGITS


def _rows(config: Config) -> list[tuple[str, str]]:
    return [
        (name, f"{value:g}" if isinstance(value, float) else f"{value}") for name, value in config.as_dict().items()
    ]


def _table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    return "\n".join(f"| {left} | {right} |" for left, right in [head, ("---", "---"), *rows])
