import { themeBeforePaint } from '@aauth-stack/ui/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const personServer = process.env.PERSON_SERVER_URL ?? 'http://person-server.localhost:8765';

/** The Person Server serves what is built here at /ui. Its policy admits no inline script or style, and no data: URL. */
export default defineConfig({
  base: '/ui/',
  plugins: [react(), themeBeforePaint()],
  build: { assetsInlineLimit: 0, target: 'baseline-widely-available', modulePreload: { polyfill: false } },
  server: {
    proxy: Object.fromEntries(
      ['/person/', '/consent', '/ui/events', '/ui/changes'].map((path) => [path, { target: personServer }]),
    ),
  },
});
