import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `pnpm run build` of apps/person-portal leaves the portal. */
export const builtPortalFolder = fileURLToPath(new URL('../../../person-portal/dist/', import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface PortalFile {
  readonly content: Buffer;
  readonly type: string;
}

/** The portal as it was built: one page, and the assets by the names that it has them by. */
export interface BuiltPortal {
  readonly page: PortalFile;
  readonly assets: ReadonlyMap<string, PortalFile>;
}

/** Reads the built portal into memory, so that a page never gets files of another build; undefined when it was not built. */
export async function loadBuiltPortal(folder: string): Promise<BuiltPortal | undefined> {
  const pageFile = join(folder, 'index.html');
  if (!existsSync(pageFile)) return undefined;
  const names = (await readdir(join(folder, 'assets'))).filter((name) => extname(name) in types);
  const assets = names.map(async (name) => {
    const file = { content: await readFile(join(folder, 'assets', name)), type: types[extname(name)] ?? '' };
    return [name, file] as const;
  });
  return {
    page: { content: await readFile(pageFile), type: 'text/html; charset=utf-8' },
    assets: new Map(await Promise.all(assets)),
  };
}
