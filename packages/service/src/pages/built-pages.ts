import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Logger } from '../logger.ts';
import { acceptedEncoding, createCompression } from './compress.ts';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface BuiltFile {
  readonly content: Buffer;
  readonly type: string;
}

interface Build {
  readonly page: BuiltFile;
  /** Further pages, which no address of the first leads to. */
  readonly others: ReadonlyMap<string, BuiltFile>;
  readonly assets: ReadonlyMap<string, BuiltFile>;
}

/** A user interface as Vite built it: one page, perhaps others, and assets whose names hold a hash of their content. */
export interface BuiltPages {
  /** The page, to be asked for each time; undefined when it has not been built. */
  page(request: Request, status: 200 | 404): Promise<Response | undefined>;
  /** Another page that was built beside it, such as `viewer.html`; undefined when there is none of this name. */
  otherPage(request: Request, name: string): Promise<Response | undefined>;
  /** An asset, to be kept for ever; undefined when the build has none of this name. */
  asset(request: Request, name: string): Promise<Response | undefined>;
}

export interface BuiltPagesOptions {
  /** Vite's `dist`. */
  folder: string;
  log: Logger;
}

/**
 * Serves a built user interface from memory, so that a page never gets files of another build, compressed for whoever takes it. A
 * build that is not there yet is looked for again with the next request.
 */
export function createBuiltPages({ folder, log }: BuiltPagesOptions): BuiltPages {
  const compress = createCompression();
  let loading: Promise<Build | undefined> | undefined;

  async function load(): Promise<Build | undefined> {
    loading ??= readBuild(folder);
    const build = await loading.catch((error: unknown) => {
      log.error({ err: error, folder }, 'The built pages cannot be read.');
      return undefined;
    });
    if (!build) loading = undefined;
    return build;
  }

  async function send(request: Request, { content, type }: BuiltFile, cacheControl: string, status: number) {
    const encoding = acceptedEncoding(request.headers.get('accept-encoding'));
    const body = encoding ? await compress(content, encoding) : content;
    return new Response(new Uint8Array(body), {
      status,
      headers: {
        'content-type': type,
        'cache-control': cacheControl,
        vary: 'accept-encoding',
        ...(encoding && { 'content-encoding': encoding }),
      },
    });
  }

  return {
    async page(request, status) {
      const build = await load();
      return build && send(request, build.page, 'no-cache', status);
    },
    async otherPage(request, name) {
      const file = (await load())?.others.get(name);
      return file && send(request, file, 'no-cache', 200);
    },
    async asset(request, name) {
      const file = (await load())?.assets.get(name);
      return file && send(request, file, 'public, max-age=31536000, immutable', 200);
    },
  };
}

async function readBuild(folder: string): Promise<Build | undefined> {
  const pageFile = join(folder, 'index.html');
  if (!existsSync(pageFile)) return undefined;
  const page = await readBuiltFile(folder, 'index.html');
  const others = (await readdir(folder)).filter((name) => extname(name) === '.html' && name !== 'index.html');
  const assets = (await readdir(join(folder, 'assets'))).filter((name) => extname(name) in types);
  return { page, others: await readAll(folder, others), assets: await readAll(join(folder, 'assets'), assets) };
}

async function readAll(folder: string, names: readonly string[]): Promise<Map<string, BuiltFile>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await readBuiltFile(folder, name)] as const)));
}

async function readBuiltFile(folder: string, name: string): Promise<BuiltFile> {
  return { content: await readFile(join(folder, name)), type: types[extname(name)] ?? '' };
}
