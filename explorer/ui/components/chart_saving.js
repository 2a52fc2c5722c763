import { skinned } from './chart.js';
import { chartTable } from './chart_table.js';
import { plotly } from './plotly.js';
import { behind, savers } from './saving.js';

/** Buttons that save the chart in `holder`: as it is drawn now, or the numbers behind it. */
export function chartSavers(holder, named = () => holder.getAttribute('aria-label') ?? '') {
  return saversOf(holder, () => holder, named);
}

/** Buttons that save what `holder` shows, drawn by other means, as the Plotly chart {data, layout} that `figure()` gives. */
export function figureSavers(holder, figure, named) {
  const dressed = () => {
    const { data, layout } = figure();
    return { data, layout: skinned(holder, { ...layout, showlegend: data.length > 1 }) };
  };
  return saversOf(holder, dressed, named);
}

function saversOf(holder, figure, named) {
  async function picture(format) {
    const Plotly = await plotly();
    const { data, layout } = figure();
    const { offsetWidth: width, offsetHeight: height } = holder.offsetWidth ? holder : holder.parentElement;
    const options = { format, width, height, scale: format === 'png' ? 2 : 1 };
    const address = await Plotly.toImage({ data, layout: { ...layout, paper_bgcolor: behind(holder) } }, options);
    return (await fetch(address)).blob();
  }
  const numbers = async () => new Blob([chartTable(figure().data)], { type: 'text/csv' });
  return savers('chart', { PNG: () => picture('png'), SVG: () => picture('svg'), CSV: numbers }, named);
}
