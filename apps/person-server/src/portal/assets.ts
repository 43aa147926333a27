import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { RequestError } from '@aauth-stack/aauth/errors';
import type { AppContext } from '../environment.ts';

const files = [
  { name: 'portal', extension: 'css', type: 'text/css; charset=utf-8' },
  { name: 'portal', extension: 'js', type: 'text/javascript; charset=utf-8' },
] as const;

/** Where the pages find the style sheet and the script. */
export interface AssetUrls {
  css: string;
  js: string;
}

export interface Assets {
  urls: AssetUrls;
  /** GET /ui/assets/{file}: addresses carry a hash of the content, so a browser may keep a file for ever. */
  serve: (c: AppContext) => Response;
}

export function loadAssets(): Assets {
  const urls: AssetUrls = { css: '', js: '' };
  const contents = new Map<string, { text: string; type: string }>();
  for (const { name, extension, type } of files) {
    const text = readFileSync(new URL(`./assets/${name}.${extension}`, import.meta.url), 'utf8');
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
    const file = `${name}-${hash}.${extension}`;
    urls[extension] = `/ui/assets/${file}`;
    contents.set(file, { text, type });
  }
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
