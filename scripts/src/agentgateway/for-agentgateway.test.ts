import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../apps/resource-proxy/src/config.ts';
import { modes } from '../modes.ts';
import { root } from '../root.ts';
import { gatewayForAgentgateway, resourcesForAgentgateway } from './for-agentgateway.ts';

const read = (file: string) => readFileSync(join(root, 'infra', 'gateway', file), 'utf8');

it.each(Object.entries(modes))(
  '%s: has the same routes and resources, bodies sent along and the secret passed on',
  (_, files) => {
    const directory = mkdtempSync(join(tmpdir(), 'aauth-agentgateway-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const write = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const load = (GATEWAY_CONFIG: string, AAUTH_CONFIG: string) =>
      loadConfig({ AAUTH_PROXY_SECRET: 's'.repeat(43), AAUTH_KEY_DIR: '/keys', GATEWAY_CONFIG, AAUTH_CONFIG });
    const ours = load(write('a.yaml', read(files.gateway)), write('b.yaml', read(files.resources)));
    const gatewayText = gatewayForAgentgateway(read(files.gateway));
    const theirs = load(write('c.yaml', gatewayText), write('d.yaml', resourcesForAgentgateway(read(files.resources))));
    expect(JSON.stringify(theirs.gateway?.binds)).toBe(JSON.stringify(ours.gateway?.binds));
    expect(gatewayText.match(/includeRequestBody:/g)).toHaveLength(gatewayText.match(/extAuthz:/g)?.length ?? 0);
    expect(theirs.resources.resources.map(({ forwardProxySecret }) => forwardProxySecret)).not.toContain(false);
    expect(theirs.resources.resources.map(({ id }) => id)).toEqual(ours.resources.resources.map(({ id }) => id));
  },
);
