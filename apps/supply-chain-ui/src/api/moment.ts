import * as z from 'zod/mini';

// The policy of these pages admits no eval, which zod would try for speed.
z.config({ jitless: true });

/** A moment as the backend writes it: ISO 8601 with an offset. */
export const moment = z.iso.datetime({ offset: true });
