import * as z from 'zod/mini';

// The Person Server's policy admits no eval, which zod would try for speed.
z.config({ jitless: true });

/** A moment as the Person Server writes it: ISO 8601 with an offset. */
export const moment = z.iso.datetime({ offset: true });
