"""The table of a chart's numbers, as a browser writes it: every point, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go
import pytest
from playwright.sync_api import Browser, Page

from explorer.ui.components.component import FOLDER


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    opened.route(
        "http://stage.test/**", lambda route: route.fulfill(path=FOLDER / route.request.url.rpartition("/")[2])
    )
    opened.route("http://stage.test/", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    opened.goto("http://stage.test/")
    yield opened
    context.close()


def table(page: Page, figure: go.Figure) -> list[list[str]]:
    """The table of this figure's traces."""
    traces = json.loads(figure.to_json())["data"]
    text = page.evaluate("async traces => (await import('/chart_table.js')).chartTable(traces)", traces)
    return list(csv.reader(io.StringIO(text)))


def test_lines_and_bars_are_written_point_by_point(page: Page) -> None:
    heights = np.array([0.1, -2.5, 3e-7])
    line = go.Scatter(x=[1, 2, 4], y=heights, name='a "b", c')
    assert table(page, go.Figure([line, go.Bar(y=[5, 6])])) == [
        ["trace", "x", "y"],
        ['a "b", c', "1", "0.1"],
        ['a "b", c', "2", "-2.5"],
        ['a "b", c', "4", "3e-7"],
        ["2", "0", "5"],
        ["2", "1", "6"],
    ]


def test_a_heat_map_is_written_cell_by_cell(page: Page) -> None:
    heat = go.Heatmap(z=np.arange(6, dtype=np.float32).reshape(2, 3), x=["p", "q", "r"], name="heat")
    assert table(page, go.Figure(heat)) == [
        ["trace", "x", "y", "z"],
        *(["heat", "pqr"[column], str(row), str(3 * row + column)] for row in range(2) for column in range(3)),
    ]


def test_words_that_look_like_a_formula_are_words(page: Page) -> None:
    name = '=HYPERLINK("x")'
    assert table(page, go.Figure(go.Bar(x=["@a", "-1"], y=[-1, 2], name=name)))[1:] == [
        [f"'{name}", "'@a", "-1"],
        [f"'{name}", "-1", "2"],
    ]
