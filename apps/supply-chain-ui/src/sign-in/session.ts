import * as z from 'zod/mini';
import '../api/moment.ts';

const sessionSchema = z.object({
  /** What the backend is shown. */
  token: z.string(),
  /** Seconds since the epoch. */
  expires_at: z.number(),
  id_token: z.string(),
  refresh_token: z.nullable(z.string()),
  /** What the person is called. */
  name: z.string(),
});

/** Somebody who is signed in, as this tab knows it. */
export type Session = z.output<typeof sessionSchema>;

const startedSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  code_verifier: z.string(),
  /** Where the person was. */
  return_to: z.string(),
});

/** A sign-in that has begun: what the provider's answer is compared with. */
export type StartedSignIn = z.output<typeof startedSchema>;

/**
 * Of this tab only, and gone with it: a reload keeps the person signed in, another tab has to ask. No script but ours runs here.
 */
function createItem<T>(name: string, schema: z.ZodMiniType<T>) {
  return {
    read(): T | undefined {
      try {
        return schema.parse(JSON.parse(sessionStorage.getItem(name) ?? ''));
      } catch {
        return undefined;
      }
    },
    write: (value: T) => sessionStorage.setItem(name, JSON.stringify(value)),
    clear: () => sessionStorage.removeItem(name),
  };
}

export const storedSession = createItem('sign-in', sessionSchema);
export const storedStart = createItem('sign-in-started', startedSchema);

export function isLive({ expires_at: expiresAt }: Session, now = Date.now()): boolean {
  return expiresAt * 1000 > now;
}
