const header = 8;
const capacity = 64 * 1024;

/** Memory in which one thread leaves the text that it is reading, so that another one knows it when the first never comes back. */
export const createMemory = (): SharedArrayBuffer => new SharedArrayBuffer(header + capacity);

/** @returns notes a text as the one that is being read */
export function noteIn(memory: SharedArrayBuffer): (text: string) => void {
  const [numbers, bytes] = viewsOf(memory);
  return (text) => {
    numbers[1] = Math.min(2 * text.length, capacity);
    bytes.write(text, 'utf16le');
    numbers[0] = (numbers[0] ?? 0) + 1;
  };
}

/** @returns how many texts have been noted, and the last one */
export function lastIn(memory: SharedArrayBuffer): { count: number; text: string } {
  const [numbers, bytes] = viewsOf(memory);
  const [count = 0, length = 0] = numbers;
  return { count, text: bytes.toString('utf16le', 0, length) };
}

function viewsOf(memory: SharedArrayBuffer): [Int32Array, Buffer] {
  return [new Int32Array(memory, 0, 2), Buffer.from(memory, header)];
}
