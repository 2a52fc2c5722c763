"""What comes back: a model's zip, or its card and its weights, checked and kept as one of the visitor's own models."""

from __future__ import annotations

import json
from dataclasses import replace

import anyio
import anyio.to_thread
import torch
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from explorer.models.checkpoint import Card, CheckpointError, unpack
from explorer.models.knobs import shown
from explorer.models.parcel import LARGEST_CARD, LARGEST_PARCEL, unwrap
from explorer.training.evaluate import reconstruct
from explorer.training.runs import RunSpec
from explorer.ui.buckets import Buckets, address
from explorer.ui.explorer import Explorer
from explorer.ui.failure import in_words
from explorer.ui.session import MASK_SEED, Session

SENDERS = 4  # files on their way at once: each is held in memory
PATIENCE = 120  # seconds for a file to arrive
TITLE = 80  # letters of a model's title
TRIED = 20  # test digits that a model must answer with finite numbers


def gate(explorer: Explorer) -> Route:
    """``POST explorer/bring?card=n&page=name``: a zip, or after n bytes of card the weights; answers the model's id.

    It alone takes more than other requests may hold, though not more than a few models from one page, nor more than a
    class's from one address. What is refused is refused in one sentence.
    """
    senders, checkers = anyio.CapacityLimiter(SENDERS), anyio.CapacityLimiter(1)
    pages, addresses = Buckets(burst=40, rate=0.5), Buckets(burst=400, rate=2)  # megabytes, and as many a second

    async def bring(request: Request) -> PlainTextResponse:
        if senders.available_tokens < 1:
            return PlainTextResponse("others bring a model just now: try again in a moment", status_code=503)
        try:
            async with senders:
                with anyio.fail_after(PATIENCE):
                    content = await request.body()
                size, page = (request.query_params.get(name, "") for name in ("card", "page"))
                weight, asker = 0.1 + len(content) / 2**20, address(request.scope)
                if not (pages.allows(f"{asker} {page[:64]}", weight) and addresses.allows(asker, weight)):
                    return PlainTextResponse("that was too much at once: try again in a minute", status_code=429)
                run = await anyio.to_thread.run_sync(keep, explorer, content, size or "0", limiter=checkers)
        except TimeoutError:
            return PlainTextResponse(f"the file did not arrive within {PATIENCE} seconds", status_code=408)
        except ValueError as error:
            return PlainTextResponse(in_words(error), status_code=400)
        except OSError:
            return PlainTextResponse("the model could not be stored on this machine", status_code=507)
        return PlainTextResponse(run)

    return Route("/explorer/bring", bring, methods=["POST"], max_body_size=LARGEST_PARCEL)


def keep(explorer: Explorer, content: bytes, card_size: str) -> str:
    """The id of the model that was brought. Raises CheckpointError in one sentence, OSError for a full disk."""
    if not card_size.isdecimal() or len(card_size) > 6 or int(card_size) > LARGEST_CARD:
        raise CheckpointError(f"a card may have {LARGEST_CARD:,} bytes, got {shown(card_size)}")
    size = int(card_size)
    return admit(explorer, *((Card.from_json(content[:size]), content[size:]) if size else unwrap(content)))


def admit(explorer: Explorer, card: Card, weights: bytes) -> str:
    """The id under which anybody's model is kept. Raises CheckpointError in one sentence, OSError for a full disk."""
    card = checked(card)
    model = unpack(card, weights)
    x = torch.from_numpy(explorer.library.dataset.test_images[:TRIED].copy()).float() / 255
    with torch.inference_mode():
        answers = torch.cat((model.encode(x).flatten(), reconstruct(model, x, _seeded()).flatten()))
    if not bool(answers.isfinite().all()):
        raise CheckpointError(f"the model {card.name} answers with numbers that are not finite")
    return explorer.gallery.store.keep(weights, card, b"")


def checked(card: Card) -> Card:
    """The card with all its settings written out. Raises CheckpointError for what no training here could have made."""
    if not (0 < len(card.title) <= TITLE and card.title.isprintable()):
        raise CheckpointError(f"the card's title must be 1 to {TITLE} letters, got {shown(card.title)}")
    if "mse" not in card.figures:
        raise CheckpointError("the card's figures must hold mse, the error on test digits")
    try:
        json.dumps([card.settings, card.training], allow_nan=False)
        config, training = RunSpec(card.variant, card.settings, card.training, card.dataset).checked()
    except ValueError as error:
        raise CheckpointError(f"the card of {card.name} cannot be used: {error}") from error
    return replace(card, settings=config.as_dict(), training=training.as_dict())


def opened(value: object, session: Session, explorer: Explorer) -> Session:
    """The model that was brought becomes one of the visitor's own, and is opened. Raises ValueError."""
    run = value.get("id") if isinstance(value, dict) else None
    if not isinstance(run, str) or not explorer.gallery.store.holds(run):
        raise ValueError(f"no such model was brought: {shown(run)}")
    record = explorer.gallery.store.record(run)
    return replace(session.with_run(record), model=run, variant=record.card.variant)


def _seeded() -> torch.Generator:
    return torch.Generator().manual_seed(MASK_SEED)
