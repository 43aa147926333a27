import { themeBeforePaint } from '@aauth-stack/ui/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The Person Server that `vite dev` shows the pages of: it believes that they are its own. */
const developmentServer = {
  target: 'http://127.0.0.1:8765',
  headers: { host: 'person-server.localhost:8765', origin: 'http://person-server.localhost:8765' },
};

/** The Person Server serves what is built here at /ui. Its policy admits no inline script or style, and no data: URL. */
export default defineConfig({
  base: '/ui/',
  plugins: [react(), themeBeforePaint()],
  build: { assetsInlineLimit: 0, target: 'baseline-widely-available', modulePreload: { polyfill: false } },
  server: {
    proxy: {
      '/person/': developmentServer,
      '^/consent[/?]': developmentServer,
      '/ui/events': developmentServer,
      '/ui/changes': developmentServer,
    },
  },
});
