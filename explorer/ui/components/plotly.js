/** Plotly, served by ourselves and loaded when something is first drawn. */

let loading = null;

export function plotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL('plotly.min.js', import.meta.url).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error('the drawing library could not be loaded'));
    document.head.append(script);
  });
  return loading;
}
