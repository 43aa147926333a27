import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

// The best would take a second for the largest file, while somebody waits for it.
const brotliQuality = 6;

const compressors = {
  br: (content: Buffer) =>
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
  gzip: promisify<Buffer, Buffer>(gzip),
};

export type Encoding = keyof typeof compressors;

/** The encoding of ours that a client takes, the smaller one first; undefined when it takes none. */
export function acceptedEncoding(header: string | null): Encoding | undefined {
  const accepted = (header ?? '')
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => !/;\s*q=0(?:\.0*)?$/.test(part))
    .map((part) => part.split(';')[0]?.trim());
  return (['br', 'gzip'] as const).find((encoding) => accepted.includes(encoding));
}

/** Compresses each content once, however often it is asked for. */
export function createCompression(): (content: Buffer, encoding: Encoding) => Promise<Buffer> {
  const done = { br: new WeakMap<Buffer, Promise<Buffer>>(), gzip: new WeakMap<Buffer, Promise<Buffer>>() };
  return (content, encoding) => {
    const before = done[encoding].get(content);
    if (before) return before;
    const compressed = compressors[encoding](content);
    done[encoding].set(content, compressed);
    return compressed;
  };
}
