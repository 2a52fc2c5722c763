"""The look of Gradio's own parts: one family of type, one accent colour, hairlines instead of boxes.

Colours are named here once, light and dark; ``components/theme.css`` and the components read them as CSS variables.
"""

from __future__ import annotations

import gradio as gr
from gradio.themes.utils import fonts, sizes

GREY = gr.themes.Color(
    name="ink",
    c50="#fafaf9",
    c100="#f3f4f3",
    c200="#e3e5e4",
    c300="#cdd1d0",
    c400="#9aa2a3",
    c500="#6e787b",
    c600="#556064",
    c700="#3a4448",
    c800="#24292c",
    c900="#191d1f",
    c950="#111415",
)
ACCENT = gr.themes.Color(
    name="petrol",
    c50="#eef7f8",
    c100="#d6ecef",
    c200="#aed9de",
    c300="#7fc4cc",
    c400="#4fb3bf",
    c500="#0e7c8b",
    c600="#086a78",
    c700="#075764",
    c800="#07454f",
    c900="#0a343b",
    c950="#08242a",
)
TEXT = sizes.Size(xxs="12px", xs="13px", sm="14px", md="15px", lg="17px", xl="21px", xxl="30px", name="text")
SPACE = sizes.Size(xxs="2px", xs="4px", sm="6px", md="8px", lg="12px", xl="16px", xxl="16px", name="space")
CORNER = sizes.Size(xxs="2px", xs="2px", sm="3px", md="4px", lg="4px", xl="6px", xxl="8px", name="corner")
# The semi-bold file that comes with Gradio 6.31 has no capital letters, so what is bold is 700.
SANS = (fonts.LocalFont("IBM Plex Sans", weights=(400, 700)), "ui-sans-serif", "system-ui", "sans-serif")
MONO = (fonts.LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "Consolas", "monospace")

COLOURS = {  # (light, dark)
    "body_background_fill": ("#ffffff", "*neutral_950"),
    "background_fill_primary": ("#ffffff", "*neutral_950"),
    "background_fill_secondary": ("*neutral_50", "*neutral_900"),
    "body_text_color": ("*neutral_900", "#e6e9e9"),
    "body_text_color_subdued": ("*neutral_600", "#a3adb0"),
    "block_info_text_color": ("*neutral_600", "#a3adb0"),
    "block_title_text_color": ("*neutral_900", "#e6e9e9"),
    "border_color_primary": ("*neutral_200", "#2c3336"),
    "border_color_accent": ("*primary_500", "*primary_400"),
    "input_border_color": ("*neutral_300", "#465054"),
    "input_background_fill": ("#ffffff", "*neutral_900"),
    "link_text_color": ("*primary_600", "*primary_300"),
    "link_text_color_hover": ("*primary_700", "*primary_200"),
    "link_text_color_visited": ("*primary_600", "*primary_300"),
    "slider_color": ("*primary_500", "*primary_400"),
    "loader_color": ("*primary_500", "*primary_400"),
    "button_primary_background_fill": ("*primary_500", "*primary_400"),
    "button_primary_background_fill_hover": ("*primary_600", "*primary_300"),
    "button_primary_text_color": ("#ffffff", "*neutral_950"),
    "button_secondary_background_fill": ("#ffffff", "*neutral_900"),
    "button_secondary_background_fill_hover": ("*neutral_100", "*neutral_800"),
    "button_secondary_border_color": ("*neutral_300", "#465054"),
    "button_secondary_text_color": ("*neutral_900", "#e6e9e9"),
    "code_background_fill": ("*neutral_100", "*neutral_900"),
    "block_background_fill": ("transparent", "transparent"),
    "panel_background_fill": ("transparent", "transparent"),
}
SHAPES = {
    "block_border_width": "0px",
    "block_shadow": "none",
    "block_padding": "0px",
    "block_title_text_weight": "700",
    "block_title_text_size": "*text_sm",
    "block_info_text_size": "*text_xs",
    "button_border_width": "1px",
    "button_primary_shadow": "none",
    "button_secondary_shadow": "none",
    "input_shadow": "none",
    "layout_gap": "20px",
    "form_gap_width": "0px",
    "body_text_size": "*text_md",
    "prose_text_size": "*text_md",
    "prose_header_text_weight": "700",
}


def theme() -> gr.themes.Base:
    """The theme to launch the page with. Its fonts come with Gradio; nothing is fetched from elsewhere."""
    look = gr.themes.Base(
        primary_hue=ACCENT,
        secondary_hue=ACCENT,
        neutral_hue=GREY,
        text_size=TEXT,
        spacing_size=SPACE,
        radius_size=CORNER,
        font=SANS,
        font_mono=MONO,
    )
    dark = {f"{name}_dark": pair[1] for name, pair in COLOURS.items()}
    return look.set(**{**SHAPES, **{name: pair[0] for name, pair in COLOURS.items()}, **dark})
