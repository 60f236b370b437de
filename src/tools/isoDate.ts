import * as z from 'zod';

/**
 * A date of the SDK, or one that an API gives as text, as ISO 8601 text in UTC.
 * @returns `undefined` where there is none; text that is no date comes back as it is.
 */
export function isoDate(date: Date | string | undefined): string | undefined {
  if (date === undefined) return undefined;
  const parsed = new Date(date);
  return Number.isNaN(parsed.getTime()) ? String(date) : parsed.toISOString();
}

/** A time that a caller gives; a time of day needs its zone, so that it means the same everywhere. */
export const isoDateInput = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/,
    'must be ISO 8601, e.g. 2026-11-20T09:30:00Z',
  )
  .refine((text) => !Number.isNaN(Date.parse(text)), 'must be a date that exists');
