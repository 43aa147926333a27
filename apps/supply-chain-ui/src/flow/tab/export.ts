import type { Flow } from '../model/flow.ts';

/** The mark in flow-viewer.html that stands for the run. */
const place = '"the run goes here"';

/** The run as one HTML file that shows the same drawing wherever it is opened, with nothing else to load. */
export async function exportHtml(flow: Flow): Promise<Blob> {
  const response = await fetch('/flow-viewer.html');
  if (!response.ok) throw new Error(`The viewer cannot be had: ${response.status}.`);
  const viewer = await response.text();
  if (!viewer.includes(place)) throw new Error('The viewer has no place for a run.');
  // Inside of a script element nothing may look like its end.
  const json = JSON.stringify(flow).replaceAll('<', '\\u003c');
  return new Blob([viewer.replace(place, () => json)], { type: 'text/html' });
}

export function exportJson(flow: Flow): Blob {
  return new Blob([`${JSON.stringify(flow, null, 2)}\n`], { type: 'application/json' });
}

/** Has the browser keep a file. */
export function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
