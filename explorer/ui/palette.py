"""Ten colours for ten digits, the same everywhere, chosen by computation and not by eye.

Any two of them differ by at least 8 hundredths in OKLab, for full colour vision and for each of the three kinds of
colour blindness; all reach a contrast of 2.3 or more on the white page and on the dark one. Digits that models like to
confuse (4 and 9, 3 and 5, 7 and 9) have the most different colours.
"""

from __future__ import annotations

DIGITS = (
    "#0178c7",  # blue
    "#44a594",  # teal
    "#be2e3e",  # red
    "#8ca2fe",  # periwinkle
    "#707379",  # slate
    "#cc7033",  # orange
    "#f97ac6",  # pink
    "#026c08",  # green
    "#814094",  # plum
    "#b7a908",  # olive
)
