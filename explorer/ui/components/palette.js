/** Ten colours for ten digits; the same as in palette.py, which a test holds. */
export const DIGITS = [
  '#0178c7', '#44a594', '#be2e3e', '#8ca2fe', '#707379', '#cc7033', '#f97ac6', '#026c08', '#814094', '#b7a908',
];

/** Viridis without its ends, which would vanish on a dark or on a white page. */
const VIRIDIS = ['#433e85', '#38598c', '#2d708e', '#25858e', '#1e9b8a', '#2ab07f', '#52c569', '#86d549', '#c2df23'];

/** Nine colours from a small number to a large one. A large one always stands out against the page. */
export function ramp(isDark) {
  return isDark ? VIRIDIS : [...VIRIDIS].reverse();
}
