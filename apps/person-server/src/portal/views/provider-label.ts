import { agentDomain, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { html } from 'hono/html';
import { type Html, saidName } from './elements.ts';

export interface ProviderLabel {
  issuer: ServerIdentifier;
  /** As its metadata has it, if that can be read. */
  name: string | undefined;
}

/** An Agent Provider: where it is, then what it calls itself. */
export function providerLabel({ issuer, name }: ProviderLabel): Html {
  return html`<code class="identifier">${agentDomain(issuer)}</code>${name === undefined ? '' : html` ${saidName(name)}`}`;
}
