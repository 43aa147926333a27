import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, startProcess } from './child.ts';
import { freePort } from './servers.ts';

export interface RunningNginx {
  readonly port: number;
  readonly child: Child;
  stop(): Promise<void>;
}

const unpacked = fileURLToPath(new URL('../../node_modules/.cache/nginx', import.meta.url));

/** What passing a request on costs a server written in C: nginx with one process and connections that are kept, and nothing else about it. */
export async function startNginx(servicePort: number): Promise<RunningNginx | undefined> {
  const program = findNginx();
  if (!program) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'bench-nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(directory, 'nginx.conf'),
    `daemon off;
master_process off;
pid ${directory}/pid;
events { worker_connections 2048; }
http {
  access_log off;
  keepalive_requests 1000000000;
  ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join(' ')}
  upstream service { server 127.0.0.1:${servicePort}; keepalive 512; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 2m;
    client_body_buffer_size 2m;
    location / {
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_buffering off;
    }
  }
}
`,
  );
  const child = startProcess(program, ['-p', directory, '-c', 'nginx.conf', '-e', 'stderr']);
  return {
    port,
    child,
    async stop() {
      await child.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

/** The one that is installed, or Debian's, unpacked into a folder of its own: nothing is installed for a benchmark. */
function findNginx(): string | undefined {
  const program = join(unpacked, 'usr/sbin/nginx');
  const candidates = ['/usr/sbin/nginx', '/usr/bin/nginx', program];
  const found = () => candidates.find((candidate) => existsSync(candidate));
  if (found()) return found();
  try {
    mkdirSync(unpacked, { recursive: true });
    execFileSync('apt-get', ['download', 'nginx'], { cwd: unpacked, stdio: 'ignore' });
    const archive = readdirSync(unpacked).find((name) => name.endsWith('.deb'));
    if (archive) execFileSync('dpkg-deb', ['--extract', archive, '.'], { cwd: unpacked, stdio: 'ignore' });
  } catch {
    rmSync(unpacked, { recursive: true });
  }
  return found();
}
