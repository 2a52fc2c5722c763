import { make } from './elements.js';
import { sheetSavers } from './sheet_saving.js';

const COLUMNS = 8;
const LONGEST = 60; // letters of a caption
const PAUSE = 300; // milliseconds

/** At the foot of the page: all digits of the tab that is open, as one picture with their captions. */
export function mount({ element }) {
  const saving = sheetSavers(element, sheet, 'pictures of this tab');
  const row = make('div', { class: 'ae-tab-sheet' }, make('span', { class: 'ae-caption' }, 'All pictures of this tab:'), saving);
  element.replaceChildren(row);

  function sheet() {
    const canvases = visible();
    const tabs = [...document.querySelectorAll('.ae-places [role=tab][aria-selected=true]')].filter((tab) => tab.offsetParent);
    return { canvases, sheet: { columns: Math.min(COLUMNS, canvases.length), rows: [], heads: [], captions: canvases.map(words), label: tabs.map((tab) => tab.textContent.trim()).join(' ') } };
  }

  let later = 0;

  function follow() {
    later = 0;
    if (!element.isConnected) watching.forEach((one) => one.disconnect());
    row.hidden = !visible().length;
  }

  const soon = () => { later ||= setTimeout(follow, PAUSE); };
  const places = document.querySelector('.ae-places');
  const watching = [new ResizeObserver(soon), new MutationObserver(soon)]; // another tab; pictures that arrive
  watching[0].observe(places);
  watching[1].observe(places, { childList: true, subtree: true });
  follow();
}

const visible = () => [...document.querySelectorAll('.ae-places :is(canvas.ae-digit, .ae-slow-pictures canvas)')].filter((canvas) => canvas.offsetParent);

/** What is said of a picture: under it, or to a screen reader. */
function words(canvas) {
  const under = canvas.closest('figure')?.querySelector('figcaption')?.textContent;
  const text = under || canvas.getAttribute('aria-label') || canvas.closest('[aria-label]')?.getAttribute('aria-label') || '';
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}\u2026` : text;
}
