import { Hono } from 'hono';
import { html } from 'hono/html';
import { openApiDocument, routes } from './document.ts';

/** The API's description, for programs at `/openapi.json` and for people at `/docs` (and `/redoc`). */
export function openApiRoutes(): Hono {
  const app = new Hono();
  const document = openApiDocument();
  app.get('/openapi.json', (c) => c.json(document));
  app.get('/docs', (c) => c.html(page()));
  app.get('/redoc', (c) => c.redirect('/docs'));
  return app;
}

function page() {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <title>Supply Chain Agent API</title>
  </head>
  <body>
    <h1>Supply Chain Agent API</h1>
    <p>Machine-readable: <a href="/openapi.json">openapi.json</a>.</p>
    <table>
      <thead><tr><th>Method</th><th>Path</th><th>What it does</th></tr></thead>
      <tbody>
        ${routes.map(({ method, path, summary }) => html`<tr><td>${method.toUpperCase()}</td><td><code>${path}</code></td><td>${summary}</td></tr>`)}
      </tbody>
    </table>
  </body>
</html>`;
}
