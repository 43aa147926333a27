import { createHash } from 'node:crypto';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Builds dist/flow-viewer.html: the drawing of a run with everything that it needs inside of one file, to be saved with a run in it. */
export default defineConfig({
  plugins: [react(), oneFile()],
  build: {
    emptyOutDir: false,
    cssCodeSplit: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    modulePreload: false,
    target: 'baseline-widely-available',
    rolldownOptions: { input: 'flow-viewer.html' },
  },
});

/** Puts script and style into the page, which admits no other by its policy. */
function oneFile(): Plugin {
  return {
    name: 'one-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['flow-viewer.html'];
      if (page?.type !== 'asset') throw new Error('The viewer has no page.');
      const files = Object.values(bundle).filter((file) => file !== page);
      const script = files.flatMap((file) => (file.type === 'chunk' ? [file.code] : [])).join('\n');
      const style = files.flatMap((file) => (file.type === 'asset' ? [String(file.source)] : [])).join('\n');
      for (const { fileName } of files) delete bundle[fileName];
      page.source = String(page.source)
        .replace(/<script type="module"[^>]*><\/script>/, '')
        .replace(/<link rel="stylesheet"[^>]*>/, '')
        .replace('</head>', () => `${policyFor(script)}<style>${style}</style></head>`)
        .replace('</body>', () => `<script type="module">${script}</script></body>`);
    },
  };
}

function policyFor(script: string): string {
  if (/<\/script/i.test(script)) throw new Error('The script would end before its end.');
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'`;
  return `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
}
