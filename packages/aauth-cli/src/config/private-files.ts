import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { exitCodes } from '../command/exit-codes.ts';
import { CommandFailure } from '../command/failure.ts';

/**
 * Reads a JSON file that nobody else may read.
 *
 * @param schema what it has to be
 * @returns `undefined` when there is no such file
 * @throws CommandFailure when others may read it or its folder, or it is not what `schema` says
 */
export async function readPrivateJson<Value>(file: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
  const text = await readPrivateText(file);
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? ` at "${issue.path.join('.')}"` : '';
  throw configurationFailure(
    `${file} is damaged${where}: ${issue?.message ?? 'it is not JSON'}.`,
    'Mend it, or delete it and run "aauth init" again; the key is in a file of its own.',
  );
}

/** Writes a JSON file with mode 0600, in a folder with mode 0700: whole or not at all, whoever else writes it. */
export async function writePrivateJson(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await makePrivateFolder(dirname(file));
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(value, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause;
    throw configurationFailure(`${file} cannot be written: ${reason(cause)}.`, undefined, cause);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Makes a folder that is its owner's alone.
 *
 * @throws CommandFailure when it exists and others may enter it
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await checkFolder(folder);
}

/** What is wrong with the modes of a file and its folder; `undefined` when nothing is, or there is no such file. */
export async function findExposure(path: string, owner: 'file' | 'folder'): Promise<CommandFailure | undefined> {
  const status = await stat(path).catch(() => undefined);
  return status && exposure(path, status.mode, owner);
}

async function readPrivateText(file: string): Promise<string | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    // The mode of what has been opened, not of what has that name a moment later.
    const exposed = exposure(file, (await handle.stat()).mode, 'file');
    if (exposed) throw exposed;
    await checkFolder(dirname(file));
    return await handle.readFile('utf8');
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause;
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw configurationFailure(`${file} cannot be read: ${reason(cause)}.`, undefined, cause);
  } finally {
    await handle?.close();
  }
}

async function checkFolder(folder: string): Promise<void> {
  const exposed = await findExposure(folder, 'folder');
  if (exposed) throw exposed;
}

function exposure(path: string, mode: number, owner: 'file' | 'folder'): CommandFailure | undefined {
  // Windows has no such modes and reports 0666 for everything.
  if (process.platform === 'win32' || (mode & 0o077) === 0) return undefined;
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  const command = `chmod ${owner === 'file' ? '600' : '700'} '${path}'`;
  return configurationFailure(`${path} has mode ${shown}; it is for its owner only.`, `Run: ${command}`);
}

/** Something about the files of a profile is wrong. */
export function configurationFailure(message: string, hint?: string, cause?: unknown): CommandFailure {
  return new CommandFailure('configuration', message, { exitCode: exitCodes.configuration, hint, cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function systemCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
