import { join } from 'node:path';

/** The checkout these scripts belong to. */
export const root = join(import.meta.dirname, '..', '..');

/** Databases, keys and secrets of the stack on this machine; `AAUTH_DATA_DIR` keeps a second one apart. */
export const dataDirectory = process.env.AAUTH_DATA_DIR ?? join(root, '.data');

export const keyDirectory = join(dataDirectory, 'keys');
export const logDirectory = join(root, 'logs');
export const pidFile = join(root, '.infra-pids');
