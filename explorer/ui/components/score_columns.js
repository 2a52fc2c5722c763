import { short } from './elements.js';

export const KINDS = { yours: 'yours', gone: 'yours, weights gone', shipped: 'shipped', exhibit: 'exhibits' };
const ENDED = { done: '', paused: 'paused', stopped: 'stopped', diverged: 'diverged' };

/** The columns after the name: what is sorted by (`of`), what is said, and whether small comes first. */
export const COLUMNS = [
  { key: 'name', head: 'run', up: true, of: (row) => nameOf(row).toLowerCase() },
  { key: 'differs', head: 'not as recommended', up: true, of: (row) => row.differs, say: (row) => row.differs || '\u2013' },
  { key: 'seed', head: 'seed', up: true, of: (row) => row.training.seed, say: (row) => String(row.training.seed) },
  { key: 'epochs', head: 'epochs', of: (row) => row.epochs, say: epochs },
  { key: 'mse', head: 'test MSE', up: true, of: (row) => row.figures.mse, say: error },
  { key: 'psnr', head: 'PSNR', of: (row) => row.figures.psnr, say: (row) => figure(row.figures.psnr, (value) => `${value.toFixed(1)} dB`) },
  { head: 'terms, on test digits', say: terms },
  { key: 'seconds', head: 'time', up: true, of: (row) => row.seconds, say: (row) => duration(row.seconds) + (row.device === 'cpu' ? '' : ` on ${row.device}`) },
  { key: 'ended', head: 'when', of: (row) => row.ended || null, say: when },
];

export function nameOf({ variant, title }) {
  return `${variant}, ${title}`;
}

function epochs({ epochs: done, training, status }) {
  const words = ENDED[status] ?? status;
  return [done === training.epochs ? String(done) : `${done} of ${training.epochs}`, words].filter(Boolean).join(', ');
}

function figure(value, say) {
  return value === undefined ? 'none' : say(value);
}

function error({ figures, tested, dataset }) {
  const notes = [tested && tested < 10000 ? `${tested.toLocaleString('en')} digits` : '', dataset === 'mnist' ? '' : 'stand-in digits'];
  return [figure(figures.mse, (value) => short(value, 3)), ...notes].filter(Boolean).join(', ');
}

function terms({ figures }) {
  const named = Object.entries(figures).filter(([name]) => name !== 'mse' && name !== 'psnr');
  return named.map(([name, value]) => `${name} ${short(value, 3)}`).join(', ') || '\u2013';
}

export function duration(seconds) {
  if (seconds < 60) return `${short(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${short(minutes / 60)} h`;
}

function when({ ended, kind }) {
  if (kind === 'shipped' || kind === 'exhibit') return 'shipped';
  return ended ? new Date(1000 * ended).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }) : '\u2013';
}

/** A run as one line of the file: all that is known of it, a column for each setting. */
export function sheetRow(row) {
  const named = (prefix, values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]));
  const { title, variant, kind, status, dataset, tested, epochs: done, seconds, threads, device } = row;
  const ended = row.ended ? new Date(1000 * row.ended).toISOString() : '';
  return {
    title, variant, kind, status, ended, dataset, tested, epochs: done, seconds, threads, device,
    ...named('figures', row.figures), ...named('settings', row.settings), ...named('training', row.training),
  };
}
