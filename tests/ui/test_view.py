"""The views that the page finds, and what a view says to a model that lacks what it needs."""

from __future__ import annotations

import pytest

from explorer.models.registry import variants
from explorer.ui.view import PLACES, View, view, views
from tests.cases import model_of


def every_view() -> list[View]:
    return [one for inside in views().values() for one in inside]


def test_the_first_view_is_the_reconstruction_and_places_keep_their_order() -> None:
    assert every_view()[0].key == "See/Reconstruct"
    assert [*views()] == [place for place in PLACES if place in views()]
    for inside in views().values():
        assert [one.order for one in inside] == sorted({one.order for one in inside}), "two views share a place"


@pytest.mark.parametrize("one", every_view(), ids=lambda one: one.key)
def test_each_view_is_for_some_variant_and_says_so_to_the_others(one: View) -> None:
    lacking = {name: one.lacking(model_of(name)) for name in variants()}
    assert "" in lacking.values()
    for name, sentence in lacking.items():
        if sentence:
            assert not isinstance(model_of(name), one.needs)
            assert sentence.startswith(f"**{one.title}** needs ")
            assert sentence.endswith(".")


def test_a_place_that_the_page_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="place must be one of See, .* got 'Attic'"):
        view("Trunk", place="Attic", order=1)
