"""A model from the Hugging Face Hub: the server pulls it for whoever names its repository, without any token."""

from __future__ import annotations

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from explorer.models.hub import pull
from explorer.ui.brought import admit
from explorer.ui.buckets import Buckets
from explorer.ui.explorer import Explorer
from explorer.ui.failure import in_words

PULLERS = 2  # repositories on their way at once
OFTEN, MINUTES = 30, 10  # so many of them in so many minutes, for all visitors together


def counter(explorer: Explorer) -> Route:
    """``POST explorer/hub?repository=owner/name``: answers the model's id, or why it cannot be had, in one sentence."""
    pullers, pace = anyio.CapacityLimiter(PULLERS), Buckets(OFTEN, OFTEN / (60 * MINUTES))

    async def fetch(request: Request) -> PlainTextResponse:
        repository = request.query_params.get("repository", "")
        if pullers.available_tokens < 1:
            return PlainTextResponse("others ask the Hub just now: try again in a moment", status_code=503)
        if not pace.allows("everybody"):
            return PlainTextResponse(
                f"the Hub was asked {OFTEN} times in {MINUTES} minutes: later again", status_code=429
            )
        try:
            run = await anyio.to_thread.run_sync(pulled, explorer, repository, limiter=pullers)
        except ValueError as error:
            return PlainTextResponse(in_words(error), status_code=400)
        except OSError:
            return PlainTextResponse("the model could not be stored on this machine", status_code=507)
        return PlainTextResponse(run)

    return Route("/explorer/hub", fetch, methods=["POST"])


def pulled(explorer: Explorer, repository: str) -> str:
    """The id of a model of the Hub's, which was checked as if the visitor had brought it. As ``admit`` raises."""
    return admit(explorer, *pull(repository))
