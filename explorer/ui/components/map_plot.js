/** The dots and axes of a map: on a canvas at once, then by Plotly, when it has come and nothing has changed for a moment. */

import { chartSavers } from './chart_saving.js';
import { make } from './elements.js';
import { paintDots } from './map_dots.js';
import { plotly } from './plotly.js';

export const MARGIN = { l: 40, r: 1, t: 1, b: 24 }; // around the dots, in pixels: there stand the axes' numbers

const LULL = 150; // milliseconds without a change
const drawn = new Set(); // what holds a graphics context; browsers allow few

export function mapPlot() {
  const canvas = make('canvas', { style: `left: ${MARGIN.l}px; top: ${MARGIN.t}px` });
  const plot = make('div', {});
  const node = make('div', { class: 'ae-map-dots', 'aria-hidden': true }, canvas, plot);
  const savers = chartSavers(plot, () => 'map of the codes');
  savers.hidden = true; // until Plotly has drawn
  let wanted = null;
  let working = false;
  let timer = 0;
  let failed = !document.createElement('canvas').getContext('webgl');

  /** `size` is a dot's diameter in pixels. While one drawing is under way, only the last that was asked for is kept. */
  function draw(view, groups, size) {
    wanted = { view, groups, size };
    canvas.style.width = `${view.box[0]}px`;
    paintDots(canvas, view, groups, size);
    node.classList.add('ae-painted');
    clearTimeout(timer);
    if (!failed) timer = setTimeout(refine, LULL);
  }

  async function refine() {
    if (working) return;
    working = true;
    try {
      const Plotly = await plotly();
      drawn.forEach((other) => { if (!other.isConnected) { Plotly.purge(other); drawn.delete(other); } });
      drawn.add(plot);
      while (wanted) {
        const { view, groups, size } = wanted;
        wanted = null;
        await Plotly.react(plot, groups.map((group) => trace(group, size)), layout(view), { staticPlot: true });
      }
      node.classList.remove('ae-painted');
      savers.hidden = false;
    } catch (problem) {
      failed = true; // the canvas shows all that matters
      console.info(`The map has no axes: ${problem.message}`);
    }
    working = false;
  }

  return { node, savers, draw };
}

function trace({ name, x, y, opacity, colours, levels }, size) {
  const scale = colours.map((colour, i) => [i / Math.max(1, colours.length - 1), colour]);
  const shades = { color: levels, colorscale: scale, cmin: 0, cmax: colours.length - 1, showscale: false };
  const marker = { size, opacity, ...(levels ? shades : { color: colours[0] }) };
  return { type: 'scattergl', mode: 'markers', hoverinfo: 'skip', name, x, y, marker };
}

function layout(view) {
  const style = getComputedStyle(document.body);
  const colour = (name) => style.getPropertyValue(name).trim();
  const line = colour('--border-color-primary');
  const axis = (k) => ({
    range: view.range(k), nticks: Math.round(view.box[k] / 90), tickfont: { size: 12 }, gridcolor: line, zerolinecolor: line, zerolinewidth: 2,
  });
  return {
    width: view.box[0] + MARGIN.l + MARGIN.r,
    height: view.box[1] + MARGIN.t + MARGIN.b,
    margin: { ...MARGIN, pad: 0 },
    xaxis: axis(0),
    yaxis: axis(1),
    showlegend: false,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: style.fontFamily, color: colour('--body-text-color-subdued') },
  };
}
