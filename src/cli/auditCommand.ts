import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../core/errors';
import { readAuditCalls, verifyAudit, type AuditFilter } from '../tools/audit/auditReader';
import { UsageError } from './commandLine';

/**
 * Prints recorded calls, and what does not hold in their log.
 * @returns the exit code: 1 where the log was changed.
 * @throws UsageError for a folder that cannot be read.
 */
export async function showAudit({
  folder: given,
  filter,
  limit,
}: {
  folder: string;
  filter: AuditFilter;
  limit: number;
}): Promise<number> {
  const folder = resolve(given);
  await readdir(folder).catch((error: unknown) => {
    throw new UsageError(`${given} cannot be read: ${messageOf(error)}.`, { cause: error });
  });
  const { calls } = await readAuditCalls(folder, filter, { limit });
  for (const call of calls) process.stdout.write(`${JSON.stringify(call)}\n`);
  const { isIntact, problems, files, records } = await verifyAudit(folder);
  for (const { kind, file, line, message } of problems) {
    process.stderr.write(`${kind}: ${file}${line === undefined ? '' : `:${line}`}: ${message}\n`);
  }
  process.stderr.write(`${records} records in ${files} files${isIntact ? '' : '; the log was changed'}.\n`);
  return isIntact ? 0 : 1;
}
