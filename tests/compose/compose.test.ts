import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseConfig } from '@aauth-stack/service/config';
import { describe, expect, it } from 'vitest';
import { modes as proxyModes } from '../../apps/resource-proxy/src/configuration/modes.ts';
import { modes as scriptModes } from '../../scripts/src/modes.ts';
import { root } from '../support/commands.ts';
import { apps } from './apps.ts';
import { readComposeFile, readEnvExample, type Service, variablesOf } from './compose-file.ts';

const { services, networks, volumes } = readComposeFile();

function serviceOf(name: string): Service {
  const found = services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}.`);
  return found;
}

/** Names of this network, with the service that has each; a second replica has those of the first. */
const aliases = new Map(
  Object.entries(services)
    .filter(([, service]) => service.profiles?.[0] !== 'scaled')
    .flatMap(([name, service]) =>
      Object.values(service.networks).flatMap((network) =>
        network.aliases.map((alias): [string, string] => [alias, name]),
      ),
    ),
);

/** What publishes a port of a service: itself, or the proxy in front of its replicas. */
const publisherOf = (name: string) => (services[`${name}-2`] ? 'balancer' : name);

/** The ports on which a service of the stack can be asked, from its health check and what it publishes. */
function portsOf({ ports, healthcheck }: Service): number[] {
  const checked = healthcheck?.test.filter((word) => /^\d+$/.test(word)) ?? [];
  return [...checked, ...ports.map((port) => port.split(':').at(-1) ?? '')].map(Number);
}

const sharesNetwork = (a: Service, b: Service) =>
  Object.keys(a.networks).some((name) => Object.hasOwn(b.networks, name));

describe('docker-compose.yml', () => {
  it('has a service for every app that can be started', () => {
    const startable = globSync('apps/*/package.json', { cwd: root })
      .filter((manifest) => readFileSync(join(root, manifest), 'utf8').includes('"start":'))
      .map((manifest) => basename(dirname(manifest)));
    expect(apps.map(({ name }) => name).sort()).toEqual(startable.sort());
    expect(Object.keys(services)).toEqual(expect.arrayContaining(startable));
  });

  it.each(Object.keys(services))('%s names only networks and volumes that are there', (name) => {
    const { networks: joined, volumes: mounted, depends_on } = serviceOf(name);
    expect(Object.keys(networks)).toEqual(expect.arrayContaining(Object.keys(joined)));
    const named = mounted.map((volume) => volume.split(':')[0] ?? '').filter((volume) => !volume.startsWith('.'));
    expect(Object.keys(volumes)).toEqual(expect.arrayContaining(named));
    expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(depends_on)));
  });

  it('lets nothing wait for telemetry', () => {
    for (const { depends_on } of Object.values(services)) expect(depends_on).not.toHaveProperty('jaeger');
  });

  it('keeps the secrets of each service in a volume that only it and their maker see', () => {
    const maker = serviceOf('secrets');
    const made = maker.build?.args.SECRET_VOLUMES?.trim().split(/\s+/) ?? [];
    const mountPoints = maker.volumes.map((volume) => basename(volume.split(':')[1] ?? ''));
    expect(made.sort()).toEqual(mountPoints.sort());
    for (const { name } of apps) {
      const holders = Object.entries(services)
        .filter(([, service]) => service.volumes.some((volume) => volume.startsWith(`${name}:`)))
        .map(([holder]) => holder);
      expect(holders.filter((holder) => !['secrets', name, `${name}-2`].includes(holder))).toEqual([]);
    }
  });

  it('keeps the agents behind the proxy off the network from which everybody is called', () => {
    for (const name of ['supply-chain-agent', 'market-analysis-agent', 'inventory-mcp', 'postgres']) {
      const service = serviceOf(name);
      expect([name, service.ports, Object.keys(service.networks)]).toEqual([name, [], expect.any(Array)]);
      for (const network of Object.keys(service.networks))
        expect([name, networks[network]?.internal]).toEqual([name, true]);
    }
  });

  it.each(['person-server', 'agent-provider'])('runs a second %s with the profile `scaled`, like the first', (name) => {
    expect(serviceOf(`${name}-2`)).toEqual({ ...serviceOf(name), profiles: ['scaled'] });
  });

  it('leads the host’s ports of both servers to every replica, and passes on what their signatures cover', () => {
    const haproxy = readFileSync(join(root, 'infra', 'haproxy', 'haproxy.cfg'), 'utf8');
    const { ports, networks: joined } = serviceOf('balancer');
    const behind = [...haproxy.matchAll(/^ {2}server-template \w+ \d+ ([\w.-]+):(\d+)$/gm)].map(
      ([, name = '', port]) => {
        const holder = serviceOf(aliases.get(name) ?? '');
        expect([name, Object.keys(holder.networks)]).toEqual([name, expect.arrayContaining(Object.keys(joined))]);
        return `127.0.0.1:${port}:${portsOf(holder)[0]}`;
      },
    );
    expect(behind.sort()).toEqual([...ports].sort());
    expect(haproxy).not.toMatch(/set-header|forwardfor|http-request/);
  });

  it('pins the images of others', () => {
    for (const { image, build } of Object.values(services)) {
      if (!build && !image.startsWith('aauth-stack/')) expect(image).toMatch(/^docker\.io\/.+:\d+\.\d+/);
    }
  });

  it('runs the Jaeger that scripts/run-jaeger.sh runs', () => {
    const script = readFileSync(join(root, 'scripts', 'run-jaeger.sh'), 'utf8');
    expect(script).toContain(`\${JAEGER_IMAGE:-${serviceOf('jaeger').image}}`);
  });
});

describe.each(apps)('the service $name', ({ name, schema }) => {
  const service = serviceOf(name);
  const shape = schema({ allowLoopback: true }).shape;

  it('sets variables that the app reads', () => {
    const gatewayVariables = name === 'resource-proxy' ? variablesOfGatewayFiles() : new Set();
    const unknown = Object.keys(service.environment).filter(
      (variable) =>
        !/^(OTEL|AAUTH_FLOW)_/.test(variable) &&
        !Object.hasOwn(shape, variable) &&
        !Object.hasOwn(shape, variable.replace(/_FILE$/, '')) &&
        !gatewayVariables.has(variable) &&
        !sharedVariables.has(variable),
    );
    expect(unknown).toEqual([]);
  });

  it('sets them to values that the app accepts, and every one that it requires', () => {
    const environment = withSecrets(service.environment, shape);
    expect(() => parseConfig(schema({ allowLoopback: true }), environment)).not.toThrow();
  });

  it('runs unprivileged, restarts, and is asked for its health at 127.0.0.1 on the port it listens on', () => {
    expect(service).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.restart).toBe('unless-stopped');
    expect(service.healthcheck?.test.slice(0, 3)).toEqual(['CMD', 'node', '/usr/local/lib/health-check.mjs']);
    const listens = shape.PORT?.safeParse(undefined);
    if (listens?.success) expect(service.healthcheck?.test[3]).toBe(String(listens.data));
  });

  it('reaches every *.localhost name in its settings, on a network of its own, at the port that is named', () => {
    const values = Object.values(
      schema({ allowLoopback: true }).safeParse(withSecrets(service.environment, shape)).data ?? {},
    );
    const urls = values.flat().filter((value) => /^https?:\/\/[\w-]+\.localhost(:\d+)?$/.test(String(value)));
    for (const url of urls.map((value) => new URL(String(value)))) {
      const holder = aliases.get(url.hostname) ?? '';
      if (holder === name) continue;
      expect([url.href, Object.keys(services)]).toEqual([url.href, expect.arrayContaining([holder])]);
      for (const at of [holder, publisherOf(holder)]) {
        expect([url.href, portsOf(serviceOf(at))]).toEqual([url.href, expect.arrayContaining([Number(url.port)])]);
      }
      if (!browserOnly.has(url.hostname)) {
        expect([url.href, sharesNetwork(service, serviceOf(holder))]).toEqual([url.href, true]);
      }
    }
  });
});

describe('the modes', () => {
  it('are the same pairs of files for the scripts and for the proxy that a container runs', () => {
    const files = Object.entries(scriptModes).map(([mode, { gateway, resources }]) => [mode, { gateway, resources }]);
    expect(Object.fromEntries(files)).toEqual(proxyModes);
  });

  it.each(Object.keys(proxyModes))('AAUTH_MODE=%s reaches the proxy', (mode) => {
    const { environment } = readComposeFile({ AAUTH_MODE: mode }).services['resource-proxy'] ?? {};
    expect(environment?.AAUTH_MODE).toBe(mode);
  });
});

describe('.env.example', () => {
  it('documents every variable of the compose files, with its default there, and no other', () => {
    // Compose reads this one itself.
    const used = new Map([...variablesOf(), ['COMPOSE_PROFILES', '']]);
    expect([...readEnvExample()].sort()).toEqual([...used].sort());
  });

  it('changes nothing when it is copied to .env', () => {
    expect(readComposeFile(Object.fromEntries(readEnvExample()))).toEqual(readComposeFile());
  });
});

describe.skipIf(spawnSync('docker', ['compose', 'version']).status !== 0)('docker compose', () => {
  it.each([[[]], [['--profile', '*']]])('accepts the file, asked with %j', (profiles) => {
    const words = ['compose', ...profiles, 'config', '--quiet'];
    const { status, stderr } = spawnSync('docker', words, { cwd: root, encoding: 'utf8' });
    expect([stderr, status]).toEqual(['', 0]);
  });
});

/** Set for every service alike, whether or not it knows other parties. */
const sharedVariables = new Set([
  'AAUTH_ALLOW_LOOPBACK',
  'AAUTH_LOCALHOST_DNS',
  'PERSON_SERVER_URL',
  'AGENT_PROVIDER_URL',
]);

/** Names that a service tells browsers, and does not call itself. */
const browserOnly = new Set(['backend.localhost']);

/** The settings with a value in place of each file that holds a secret. */
function withSecrets(environment: Readonly<Record<string, string>>, shape: object): Record<string, string> {
  const given = { ...environment };
  for (const variable of Object.keys(environment)) {
    const name = variable.replace(/_FILE$/, '');
    if (name === variable || !Object.hasOwn(shape, name)) continue;
    delete given[variable];
    given[name] ||= name === 'DATABASE_URL' ? 'postgres://owner:password@postgres:5432/database' : 's'.repeat(43);
  }
  return given;
}

function variablesOfGatewayFiles(): Set<string> {
  const texts = globSync('infra/gateway/*.yaml', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(/\$\{(\w+)/g)].map(([, variable = '']) => variable)));
}
