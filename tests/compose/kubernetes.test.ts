import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../apps/resource-proxy/src/config.ts';
import { root } from '../support/commands.ts';
import { apps } from './apps.ts';

const directory = join(root, 'infra', 'kubernetes');

const labels = z.record(z.string(), z.string());
const metadata = z.object({ name: z.string(), labels: labels.optional() });
const named = z.object({ name: z.string() });
const probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.string() }).optional(),
  tcpSocket: z.object({ port: z.string() }).optional(),
});
const container = z.object({
  name: z.string(),
  image: z.string(),
  ports: z.array(z.object({ name: z.string(), containerPort: z.int() })),
  envFrom: z.array(z.object({ configMapRef: named.optional(), secretRef: named.optional() })),
  env: z.array(z.object({ name: z.string(), value: z.string() })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: z.object({ requests: labels, limits: labels }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
});
const selector = z.object({ matchLabels: labels });
const deployment = z.object({
  kind: z.literal('Deployment'),
  metadata,
  spec: z.object({
    replicas: z.literal(2),
    selector,
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.literal(1000) }),
        containers: z.tuple([container]),
      }),
    }),
  }),
});
const service = z.object({
  kind: z.literal('Service'),
  metadata,
  spec: z.object({ selector: labels, ports: z.array(z.object({ name: z.string(), targetPort: z.string() })) }),
});
const budget = z.object({
  kind: z.literal('PodDisruptionBudget'),
  metadata,
  spec: z.object({ minAvailable: z.literal(1), selector }),
});
const namespace = z.object({ kind: z.literal('Namespace'), metadata });

function documentsOf(file: string) {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    expect([file, document.errors]).toEqual([file, []]);
    return z.discriminatedUnion('kind', [deployment, service, budget, namespace]).parse(document.toJS());
  });
}

const kustomization = z
  .object({
    resources: z.array(z.string()),
    configMapGenerator: z.array(
      z.object({ name: z.string(), literals: z.array(z.string()).default([]), files: z.array(z.string()).default([]) }),
    ),
  })
  .parse(parseAllDocuments(readFileSync(join(directory, 'kustomization.yaml'), 'utf8'))[0]?.toJS());

const servers = ['person-server', 'agent-provider', 'resource-proxy'];

describe('infra/kubernetes', () => {
  it('lists every file that it has, and holds no secret', () => {
    const used = [...kustomization.resources, ...kustomization.configMapGenerator.flatMap(({ files }) => files)];
    expect([...used, 'kustomization.yaml'].sort()).toEqual(globSync('*.yaml', { cwd: directory }).sort());
    for (const file of globSync('*', { cwd: directory })) {
      expect(readFileSync(join(directory, file), 'utf8')).not.toMatch(/^kind: Secret$|PRIVATE KEY/m);
    }
  });

  it.each(servers)('%s has two replicas, a service and a disruption budget that select the same pods', (name) => {
    const documents = documentsOf(join(directory, `${name}.yaml`));
    expect(documents.map(({ kind }) => kind).sort()).toEqual(['Deployment', 'PodDisruptionBudget', 'Service']);
    const selected = { 'app.kubernetes.io/name': name };
    for (const document of documents) {
      if (document.kind === 'Service') expect(document.spec.selector).toEqual(selected);
      if (document.kind === 'PodDisruptionBudget') expect(document.spec.selector.matchLabels).toEqual(selected);
      if (document.kind !== 'Deployment') continue;
      const [{ ports, startupProbe, livenessProbe, readinessProbe, ...pod }] = document.spec.template.spec.containers;
      expect(document.spec.template.metadata.labels).toMatchObject(selected);
      expect([startupProbe.httpGet?.path, readinessProbe.httpGet?.path]).toEqual(['/healthz', '/readyz']);
      const portNames = ports.map((port) => port.name);
      for (const { httpGet, tcpSocket } of [startupProbe, livenessProbe, readinessProbe]) {
        expect(portNames).toContain(httpGet?.port ?? tcpSocket?.port);
      }
      expect(pod.envFrom.map(({ configMapRef, secretRef }) => configMapRef?.name ?? secretRef?.name)).toEqual([
        'aauth',
        name,
      ]);
    }
  });

  it.each(servers)('%s is given variables that it reads', (name) => {
    const shape = apps.find((app) => app.name === name)?.schema({ allowLoopback: false }).shape ?? {};
    const [first] = documentsOf(join(directory, `${name}.yaml`)).filter((document) => document.kind === 'Deployment');
    const set = first?.spec.template.spec.containers[0].env.map((variable) => variable.name) ?? [];
    const shared = kustomization.configMapGenerator[0]?.literals.map((literal) => literal.split('=')[0] ?? '') ?? [];
    const unknown = [...set, ...shared].filter(
      (variable) => !/^OTEL_/.test(variable) && !Object.hasOwn(shape, variable),
    );
    expect(unknown.filter((variable) => variable !== 'AAUTH_KEY_DIR')).toEqual([]);
  });

  it('has files that the proxy starts with, as in production', () => {
    const { gateway, resources } = loadConfig({
      NODE_ENV: 'production',
      PERSON_SERVER_URL: 'https://person-server.example.com',
      AGENT_PROVIDER_URL: 'https://agent-provider.example.com',
      AAUTH_PROXY_SECRET: 's'.repeat(43),
      GATEWAY_CONFIG: join(directory, 'gateway.yaml'),
      AAUTH_CONFIG: join(directory, 'resources.yaml'),
    });
    expect([gateway?.remarks, resources.remarks]).toEqual([[], []]);
  });
});

const tool = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
].find(([command = '']) => spawnSync(command, ['version', '--client']).error === undefined);

function built(): string {
  const [command = '', ...words] = tool ?? [];
  const { status, stdout, stderr } = spawnSync(command, [...words, directory], { encoding: 'utf8' });
  expect([stderr, status]).toEqual(['', 0]);
  return stdout;
}

describe.skipIf(!tool)('kustomize', () => {
  it('builds it', () => {
    expect(built().match(/^kind: Deployment$/gm)).toHaveLength(servers.length);
  });

  const hasValidator = spawnSync('kubernetes-validate', ['--version']).error === undefined;

  it.skipIf(!hasValidator)('builds what the schemas of Kubernetes allow, and nothing else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'aauth-kubernetes-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'built.yaml');
    const validate = (text: string) => {
      writeFileSync(file, text);
      return spawnSync('kubernetes-validate', ['--strict', '--quiet', file], { encoding: 'utf8' });
    };
    const { status, stdout, stderr } = validate(built());
    expect([stdout, stderr, status]).toEqual(['', '', 0]);
    expect(validate(built().replaceAll('replicas:', 'replica:')).status).not.toBe(0);
  });
});
