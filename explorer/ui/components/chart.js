import { DIGITS } from './palette.js';
import { plotly } from './plotly.js';

const CONFIG = { displaylogo: false, displayModeBar: false };
const MARGIN = { l: 56, r: 12, t: 12, b: 44 };

/**
 * A Plotly drawing in `holder` that follows light and dark, its own size, and being shown late. `draw` may be called at
 * any time: before Plotly has loaded, while it draws and while the holder is hidden; the newest figure wins.
 */
export function chart(holder, wire = () => {}) {
  let figure = null;
  let stale = false;
  let painting = null; // Plotly loses its way when it is asked again before it has finished

  function refresh() {
    stale = true;
    painting ??= paint().finally(() => { painting = null; });
    return painting;
  }

  async function paint() {
    const Plotly = await plotly();
    while (stale) {
      stale = false;
      if (!holder.isConnected || holder.offsetWidth === 0) return; // the observer below calls again once it is shown
      const isNew = !holder.data;
      if (figure) await Plotly.react(holder, figure.data, skinned(holder, figure.layout ?? {}), { ...CONFIG, ...figure.config });
      else Plotly.purge(holder);
      if (figure && isNew) wire(holder);
    }
  }

  function draw(next) {
    figure = next;
    return refresh();
  }

  let width = 0;
  new ResizeObserver(() => {
    if (holder.offsetWidth === width) return;
    width = holder.offsetWidth;
    if (figure && width) refresh();
  }).observe(holder);

  let isDark = document.body.classList.contains('dark');
  const turned = new MutationObserver(() => {
    if (!holder.isConnected) turned.disconnect();
    if (isDark === document.body.classList.contains('dark')) return;
    isDark = !isDark;
    if (figure) refresh();
  });
  turned.observe(document.body, { attributes: true, attributeFilter: ['class'] });

  return { draw };
}

/** The layout in the page's own type and colours; what a figure sets itself stays. */
export function skinned(holder, layout) {
  const style = getComputedStyle(holder);
  const colour = (name) => style.getPropertyValue(name).trim();
  const line = colour('--border-color-primary');
  const quiet = colour('--body-text-color-subdued');
  const font = { family: style.fontFamily, size: 13, color: quiet };
  const axis = { gridcolor: line, linecolor: line, zeroline: false, automargin: true };
  const axes = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  const skin = Object.fromEntries(['xaxis', 'yaxis', ...axes].map((name) => {
    const { title, ...rest } = layout[name] ?? {};
    return [name, { ...axis, ...rest, title: { ...title, font: { size: 13, ...title?.font } } }];
  }));
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
    font: { ...font, ...layout.font },
    hoverlabel: { bgcolor: colour('--background-fill-secondary'), bordercolor: line, font },
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: quiet, activecolor: colour('--body-text-color') },
    ...skin,
  };
}
