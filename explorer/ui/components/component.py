"""What Gradio lacks, in files of its own: each component is a Python class beside its ``.js`` and ``.css``.

The JavaScript is an ES module with one exported function, ``mount({element, props, trigger, server, watch})``,
called when the component is first displayed (again if it was hidden by the server and shown once more), so all that
it draws must be rebuildable from ``props``. ``props.value`` is the only property that travels back to Python.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio import component_meta

FOLDER = Path(__file__).parent
STATIC = "explorer/static"  # where the page finds this folder's .js and .css, relative to the page's own address


@cache
def version() -> str:
    """Changes whenever a script or style sheet changes, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for file in sorted([*FOLDER.glob("*.js"), *FOLDER.glob("*.css")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def static(file: str) -> str:
    """The address of a file of this folder, relative to the page: it holds under any mount path."""
    return f"{STATIC}/{version()}/{file}"


class Quiet(component_meta.ComponentMeta):
    """Gradio's metaclass writes a .pyi beside the file of every component; the installed program stays as it is."""

    def __new__(cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> Any:
        writer, component_meta.create_or_modify_pyi = component_meta.create_or_modify_pyi, lambda *_: None
        try:
            return super().__new__(cls, name, bases, attributes)  # type: ignore[no-untyped-call]
        finally:
            component_meta.create_or_modify_pyi = writer


class Component(gr.HTML, metaclass=Quiet):
    """A ``gr.HTML`` whose behaviour is the ES module ``<script>.js``; further keyword arguments become its props."""

    script: str
    template: str = ""  # initial HTML; never contains ${value}, so that updates leave the page's elements alone
    sends: tuple[str, ...] = ()  # the names the script hands to ``trigger``

    if TYPE_CHECKING:  # Gradio adds a listener for each of these
        input: Callable[..., Any]
        select: Callable[..., Any]
        submit: Callable[..., Any]

    def __init__(self, value: Any = None, **props: Any) -> None:
        """``value`` is JSON; ``min_width`` defaults to 280 px so that rows wrap on a phone."""
        address = static(f"{self.script}.js")
        names = " ".join(f"'{name}'" for name in self.sends)  # Gradio offers the events it finds quoted here
        load = (
            f"/* {names} */ import(new URL('{address}', document.baseURI).href)"
            ".then(module => module.mount({element, props, trigger, server, watch}));"
        )
        props.setdefault("min_width", 280)
        super().__init__(
            value, html_template=self.template, js_on_load=load, apply_default_css=False, padding=False, **props
        )

    def get_block_name(self) -> str:
        """Gradio renders every component by its own ``html``."""
        return "html"
