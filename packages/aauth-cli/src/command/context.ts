import type { Readable, Writable } from 'node:stream';
import type { Clock } from '@aauth-stack/aauth/clock';

/** What a run of the command has of the world. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly now: Clock;
  /** Aborted when the person interrupts the command. */
  readonly signal: AbortSignal;
  /** Shows a page in the person's browser; says nothing where there is none. */
  readonly openInBrowser: (url: string) => void;
}
