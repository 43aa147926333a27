import { html } from 'hono/html';
import { csrfField } from '../../session/check-csrf-token.ts';
import { duration, visibleText } from './text.ts';

export type Html = ReturnType<typeof html>;

const headLength = 10;
const tailLength = 6;

/** An identifier, shortened in the middle; all of it is there on hover, on focus and in what is copied. */
export function identifier(value: string): Html {
  const text = visibleText(value);
  const { start, middle, end } = shortened(text);
  if (middle === '') return html`<code class="identifier">${text}</code>`;
  return html`<code class="identifier" tabindex="0" title="${text}">${start}<span class="middle">${middle}</span>${end}</code>`;
}

/** A server's identifier, whole: where something is decides whether it is trusted. */
export function serverName(issuer: string): Html {
  return html`<code class="identifier">${visibleText(issuer)}</code>`;
}

// Of an agent identifier only the local part is shortened: the domain says who vouches for it.
function shortened(text: string): { start: string; middle: string; end: string } {
  const at = text.startsWith('aauth:') ? text.indexOf('@') : -1;
  const cut = at < 0 ? text.length : at;
  const from = headLength + (at < 0 ? 0 : 'aauth:'.length);
  const to = cut - tailLength;
  if (to - from < 4) return { start: text, middle: '', end: '' };
  return { start: text.slice(0, from), middle: text.slice(from, to), end: text.slice(to) };
}

/** What an agent calls itself: in quotation marks, and unable to change the direction of the text around it. */
export function saidName(name: string): Html {
  return html`<q class="said"><bdi>${visibleText(name)}</bdi></q>`;
}

/** How long until a moment, with the moment itself on hover. The script keeps it current. */
export function timeUntil(iso: string, now: number): Html {
  return html`<time datetime="${iso}" title="${exact(iso)}" data-relative="until">in ${duration(seconds(iso) - now)}</time>`;
}

/** How long since a moment, with the moment itself on hover. The script keeps it current. */
export function timeSince(iso: string, now: number): Html {
  return html`<time datetime="${iso}" title="${exact(iso)}" data-relative="since">${duration(now - seconds(iso))} ago</time>`;
}

/** One of the five meanings of the pages, by colour, icon and word together. */
export function meaning(name: 'identity' | 'consent' | 'refusal', icon: string, word: string): Html {
  return html`<span class="meaning ${name}"><span aria-hidden="true">${icon}</span> ${word}</span>`;
}

/** The part of a lifetime that is left, as a bar that drains. */
export function lifetimeBar(from: string, until: string, now: number): Html {
  const left = Math.max(0, Math.round(seconds(until) - now));
  return html`<meter class="lifetime" min="0" max="${Math.max(1, seconds(until) - seconds(from))}" value="${left}"
    data-until="${until}" aria-hidden="true"></meter>`;
}

export function hiddenCsrfField(csrfToken: string): Html {
  return html`<input type="hidden" name="${csrfField}" value="${csrfToken}">`;
}

function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}

function exact(iso: string): string {
  return new Date(iso)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}
