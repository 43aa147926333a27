import { themeBeforePaint } from '@aauth-stack/ui/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Built to files that src/server serves under a policy that admits no inline script or style, and no data: URL. */
export default defineConfig({
  plugins: [react(), themeBeforePaint()],
  build: { assetsInlineLimit: 0, target: 'baseline-widely-available', modulePreload: { polyfill: false } },
  // `vite dev` shows the sources with the settings of the server that runs.
  server: { proxy: { '/config.json': 'http://127.0.0.1:3050' } },
});
