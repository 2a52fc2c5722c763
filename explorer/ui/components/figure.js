import { chart } from './chart.js';
import { chartSavers } from './chart_saving.js';
import { make } from './elements.js';

/** A Plotly figure; a click on a point is told to Python as {curve, index, x, y, id}. */
export function mount({ element, props, trigger, watch }) {
  const holder = make('div', { class: 'ae-chart', role: 'img' });
  element.replaceChildren(make('div', { class: 'ae-chart-box' }, holder, chartSavers(holder)));

  function wire(plot) {
    plot.on('plotly_click', ({ points: [point] }) => {
      const { curveNumber: curve, pointIndex: index, x, y, customdata: id = null } = point;
      trigger('select', { curve, index: index ?? point.pointNumber, x, y, id });
    });
  }

  const { draw } = chart(holder, wire);

  function show() {
    holder.style.height = `${props.height ?? 360}px`;
    holder.setAttribute('aria-label', props.description ?? '');
    element.hidden = !props.value;
    draw(props.value);
  }

  watch(['value', 'height', 'description'], show);
  show();
}
