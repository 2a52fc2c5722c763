"""Health says which digits it looked at, and how many."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from explorer.data.digits import embedded
from explorer.training.store import RunStore
from explorer.ui.gallery import Gallery
from explorer.ui.session import Current
from explorer.ui.views.health import in_a_line, looked_at


def test_health_names_the_digits_that_it_looked_at(tmp_path: Path) -> None:
    digits, gallery = embedded(), Gallery(RunStore(tmp_path))
    away = Current(gallery.open("overfitted", digits), digits, 3, "", "label", gallery)
    tested = f"on {len(digits.test_images)} test digits"
    said = in_a_line(looked_at(away))
    assert said.startswith("error on 1,000 digits it was not trained on ")
    assert tested in said
    card = replace(away.exhibit.card, dataset_sha256=digits.sha256, weights_sha256="at home")
    at_home = in_a_line(looked_at(replace(away, exhibit=replace(away.exhibit, card=card))))
    assert at_home.startswith(f"error on {card.training['images']:,} training digits ")
    assert tested in at_home
