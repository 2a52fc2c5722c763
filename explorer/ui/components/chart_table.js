/** The numbers of a Plotly chart as CSV: a line for each point, with the name of its trace. */

const KINDS = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array };

export function chartTable(traces) {
  const hasZ = traces.some(({ z }) => z);
  const rows = [['trace', 'x', 'y', ...(hasZ ? ['z'] : [])]];
  traces.forEach((trace, i) => {
    const [name, x, y, z] = [trace.name ?? String(i + 1), ...[trace.x, trace.y, trace.z].map(list)];
    if (z) z.forEach((line, row) => list(line).forEach((value, column) => rows.push([name, x?.[column] ?? column, y?.[row] ?? row, value])));
    else (y ?? x ?? []).forEach((_, at) => rows.push([name, x?.[at] ?? at, y?.[at] ?? at, ...(hasZ ? [''] : [])]));
  });
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** What Plotly takes for a list: an array, or base64 of numbers as plotly.py sends them; with a shape, a list of rows. */
function list(values) {
  if (!values?.bdata) return values && Array.from(values);
  const bytes = Uint8Array.from(atob(values.bdata), (letter) => letter.charCodeAt(0));
  const numbers = Array.from(new KINDS[values.dtype](bytes.buffer));
  const [rows, columns] = String(values.shape ?? '').split(',').map(Number);
  return columns ? Array.from({ length: rows }, (_, i) => numbers.slice(i * columns, (i + 1) * columns)) : numbers;
}

/** Words that a spreadsheet would take for a formula are marked as words. */
function cell(value) {
  const text = String(value ?? '');
  const safe = /^[=+@-]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
