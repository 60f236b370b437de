import type { StackDriftInformation } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { isoDate } from '../isoDate';

export const stackDriftSchema = z.object({
  stackDriftStatus: z.string().optional(),
  lastCheckTimestamp: z.string().optional(),
});

export function toStackDrift(
  drift: Partial<StackDriftInformation> | undefined,
): z.output<typeof stackDriftSchema> | undefined {
  if (drift?.StackDriftStatus === undefined) return undefined;
  return { stackDriftStatus: drift.StackDriftStatus, lastCheckTimestamp: isoDate(drift.LastCheckTimestamp) };
}
