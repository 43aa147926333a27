import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const script = fileURLToPath(new URL('../src/theme/apply-chosen-theme.ts', import.meta.url));

/**
 * Puts the chosen colours on the page before it is first painted: by a small script of its own in the head, because a strict
 * Content-Security-Policy admits none in the page, and a module would come too late.
 */
export function themeBeforePaint(): Plugin {
  let base = '/';
  let isBuild = false;
  return {
    name: 'theme-before-paint',
    configResolved: (config) => {
      base = config.base;
      isBuild = config.command === 'build';
    },
    buildStart() {
      if (isBuild) this.emitFile({ type: 'chunk', id: script, name: 'theme' });
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (!bundle) return { html, tags: [scriptTag(`${base}@fs${script}`, { type: 'module' })] };
        const chunk = Object.values(bundle).find((file) => file.type === 'chunk' && file.facadeModuleId === script);
        if (!chunk) throw new Error('The script that applies the theme was not built.');
        return { html, tags: [scriptTag(base + chunk.fileName, {})] };
      },
    },
  };
}

function scriptTag(src: string, attributes: Record<string, string>) {
  return { tag: 'script', attrs: { ...attributes, src }, injectTo: 'head-prepend' as const };
}
