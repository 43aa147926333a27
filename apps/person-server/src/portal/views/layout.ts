import { html } from 'hono/html';
import type { AssetUrls } from '../assets.ts';
import { type Html, hiddenCsrfField } from './elements.ts';

export interface LayoutOptions {
  title: string;
  assets: AssetUrls;
  /** Present when the person is signed in. */
  csrfToken?: string;
  content: Html;
}

/** What every page has around its content. */
export function layout({ title, assets, csrfToken, content }: LayoutOptions): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Person Server</title>
<link rel="icon" href="${assets.svg}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.css}">
<script src="${assets.js}" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
  <p class="product"><a href="/ui">AAuth</a> Person Server</p>
  <div class="actions">
    <button type="button" id="theme" class="plain" hidden>Theme</button>
    ${csrfToken === undefined ? '' : signOutForm(csrfToken)}
  </div>
</header>
<main id="content" tabindex="-1">
${content}
</main>
</body>
</html>`;
}

function signOutForm(csrfToken: string): Html {
  return html`<form method="post" action="/ui/sign-out">${hiddenCsrfField(csrfToken)}<button class="plain">Sign out</button></form>`;
}
