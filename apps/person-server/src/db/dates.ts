/** A moment of a `Clock` (seconds since the epoch) as the database takes it. */
export function toDate(seconds: number): Date {
  return new Date(seconds * 1000);
}
