import { make } from './elements.js';
import { behind, savers } from './saving.js';

const SIDE = 84; // pixels of a digit: three times its own
const GAP = 9;
const LINE = 15;

/** A button that saves a sheet's pictures with their titles as one picture; `shown()` says {sheet, canvases}, `what` they are. */
export function sheetSavers(grid, shown, what = 'pictures') {
  const picture = () => new Promise((done) => { drawn(grid, shown()).toBlob(done, 'image/png'); });
  return savers(what, { PNG: picture }, () => shown().sheet.label);
}

function drawn(grid, { sheet, canvases }) {
  const { columns, rows, heads, captions } = sheet;
  const board = make('canvas');
  const pen = board.getContext('2d');
  const style = getComputedStyle(grid);
  const font = `12px ${style.fontFamily}`;
  pen.font = font;
  const words = captions.map((text) => wrapped(pen, text));
  const cell = { width: SIDE + GAP, height: SIDE + GAP + LINE * Math.max(0, ...words.map((lines) => lines.length)) };
  const titles = heads.map((text) => wrapped(pen, text));
  const left = GAP + (rows.length ? GAP + Math.max(...rows.map((text) => pen.measureText(text).width)) : 0);
  const top = GAP + LINE * Math.max(0, ...titles.map((lines) => lines.length));
  board.width = Math.ceil(left + columns * cell.width);
  board.height = top + Math.ceil(canvases.length / columns) * cell.height;
  pen.fillStyle = behind(grid);
  pen.fillRect(0, 0, board.width, board.height);
  Object.assign(pen, { font, imageSmoothingEnabled: false, textAlign: 'center', textBaseline: 'top', fillStyle: style.color });
  const write = (lines, x, y) => lines.forEach((line, i) => pen.fillText(line, x, y + i * LINE, SIDE + GAP));
  titles.forEach((lines, i) => write(lines, left + i * cell.width + SIDE / 2, GAP / 2));
  canvases.forEach((canvas, i) => {
    const [x, y] = [left + (i % columns) * cell.width, top + Math.floor(i / columns) * cell.height];
    pen.fillStyle = getComputedStyle(canvas).backgroundColor;
    pen.fillRect(x, y, SIDE, SIDE);
    const scale = SIDE / Math.max(canvas.width, canvas.height);
    pen.drawImage(canvas, x, y, scale * canvas.width, scale * canvas.height);
    pen.fillStyle = style.color;
    write(words[i] ?? [], x + SIDE / 2, y + SIDE + 2);
  });
  pen.textAlign = 'left';
  rows.forEach((text, i) => pen.fillText(text, GAP, top + i * cell.height + SIDE / 2 - LINE / 2));
  return board;
}

/** A caption in lines that fit under a picture. */
function wrapped(pen, text) {
  return text.split(' ').filter(Boolean).reduce((lines, word) => {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    return lines.length && pen.measureText(longer).width <= SIDE + GAP ? [...lines.slice(0, -1), longer] : [...lines, word];
  }, []);
}
