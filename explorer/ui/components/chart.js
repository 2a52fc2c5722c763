import { DIGITS } from './palette.js';
import { plotly } from './plotly.js';

const CONFIG = { displaylogo: false, displayModeBar: false };
const MARGIN = { l: 56, r: 12, t: 12, b: 44 };

/**
 * A Plotly drawing in `holder` that follows light and dark, its own size, and being shown late. `draw` may be called at
 * any time: before Plotly has loaded and while the holder is hidden, the newest figure wins.
 */
export function chart(holder, wire = () => {}) {
  let figure = null;
  let wired = false;

  async function refresh() {
    const Plotly = await plotly();
    if (!holder.isConnected || holder.offsetWidth === 0) return; // the observer below calls again once it is shown
    if (!figure) {
      Plotly.purge(holder);
      wired = false;
      return;
    }
    await Plotly.react(holder, figure.data, skinned(figure.layout ?? {}), { ...CONFIG, ...figure.config });
    if (wired) return;
    wired = true;
    wire(holder);
  }

  function draw(next) {
    figure = next;
    return refresh();
  }

  let width = 0;
  new ResizeObserver(() => {
    if (!figure || holder.offsetWidth === width) return;
    width = holder.offsetWidth;
    refresh();
  }).observe(holder);
  const dark = new MutationObserver(() => {
    if (!holder.isConnected) dark.disconnect();
    else if (figure) refresh();
  });
  dark.observe(document.body, { attributes: true, attributeFilter: ['class'] });

  return { draw };
}

/** The layout in the page's own type and colours; what a figure sets itself stays. */
function skinned(layout) {
  const style = getComputedStyle(document.body);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { gridcolor: colour('--border-color-primary'), linecolor: colour('--border-color-primary'), zeroline: false, automargin: true };
  const axes = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  const skin = Object.fromEntries(['xaxis', 'yaxis', ...axes].map((name) => [name, { ...axis, ...layout[name] }]));
  return {
    autosize: true,
    margin: MARGIN,
    colorway: DIGITS,
    hovermode: 'closest',
    uirevision: 'kept', // zoom and toggled traces survive an update
    legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom' },
    ...layout,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: style.fontFamily, size: 13, ...layout.font, color: colour('--body-text-color') },
    hoverlabel: { bgcolor: colour('--background-fill-secondary'), bordercolor: colour('--border-color-primary'), font: { family: style.fontFamily, color: colour('--body-text-color') } },
    ...skin,
  };
}
