import { readdir, readFile, readlink } from 'node:fs/promises';

const listening = '0A';

/**
 * Which process listens on a TCP port, for a message such as "port 3000 is taken by pid 4711 (node src/main.ts)".
 * Linux only, and only processes whose files this user may read; undefined where that does not tell.
 */
export async function findPortHolder(port: number): Promise<string | undefined> {
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return undefined;
  for (const pid of await entries('/proc')) {
    if (/^\d+$/.test(pid) && (await holdsSocket(pid, inodes))) return describeProcess(pid);
  }
  return undefined;
}

async function listeningInodes(port: number): Promise<Set<string>> {
  const tables = await Promise.all([textOf('/proc/net/tcp'), textOf('/proc/net/tcp6')]);
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const line of tables.join('\n').split('\n')) {
    const columns = line.trim().split(/\s+/);
    const inode = columns[9];
    if (inode && columns[3] === listening && columns[1]?.endsWith(`:${hexPort}`)) inodes.add(inode);
  }
  return inodes;
}

async function holdsSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  for (const descriptor of await entries(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode && inodes.has(inode)) return true;
  }
  return false;
}

async function describeProcess(pid: string): Promise<string> {
  const command = (await textOf(`/proc/${pid}/cmdline`)).split('\0').join(' ').trim();
  return command ? `pid ${pid} (${command.slice(0, 120)})` : `pid ${pid}`;
}

async function entries(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
