import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { RequestError } from '@aauth-stack/aauth/errors';
import type { AppContext } from '../environment.ts';

const types = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const;

type Extension = keyof typeof types;

/** Where the pages find the style sheet, the script and the icon. */
export type AssetUrls = Readonly<Record<Extension, string>>;

export interface Assets {
  urls: AssetUrls;
  /** GET /ui/assets/{file}: addresses carry a hash of the content, so a browser may keep a file for ever. */
  serve: (c: AppContext) => Response;
}

export function loadAssets(): Assets {
  const contents = new Map<string, { text: string; type: string }>();
  const load = (extension: Extension): string => {
    const text = readFileSync(new URL(`./assets/portal.${extension}`, import.meta.url), 'utf8');
    const file = `portal-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.${extension}`;
    contents.set(file, { text, type: types[extension] });
    return `/ui/assets/${file}`;
  };
  const urls = { css: load('css'), js: load('js'), svg: load('svg') };
  return {
    urls,
    serve: (c) => {
      const content = contents.get(c.req.param('file') ?? '');
      if (!content) throw new RequestError('not_found', 'There is no such file.', { status: 404 });
      return c.body(content.text, 200, {
        'content-type': content.type,
        'cache-control': 'public, max-age=31536000, immutable',
      });
    },
  };
}
