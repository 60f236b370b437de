import * as fs from 'node:fs/promises';

/** What the name of a file of the audit log says. Names sort by the time when they were opened. */
export interface AuditFile {
  name: string;
  /** Milliseconds since the epoch. */
  openedAt: number;
  pid: number;
  /** Id that all files of one process share. */
  chain: string;
  /** Number of the file in its chain. */
  index: number;
}

const namePattern = /^audit-(\d{15})-(\d{1,10})-([0-9a-f]{8})-(\d{5,})\.jsonl$/;

export function auditFileName({ openedAt, pid, chain, index }: Omit<AuditFile, 'name'>): string {
  return `audit-${String(openedAt).padStart(15, '0')}-${pid}-${chain}-${String(index).padStart(5, '0')}.jsonl`;
}

/** The files of a log, oldest first; none where the folder does not exist. */
export async function listAuditFiles(folder: string): Promise<AuditFile[]> {
  const names = await fs.readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => {
      const [, openedAt, pid, chain = '', index] = namePattern.exec(name) ?? [];
      if (openedAt === undefined) return [];
      return [{ name, openedAt: Number(openedAt), pid: Number(pid), chain, index: Number(index) }];
    })
    .sort((a, b) => a.openedAt - b.openedAt || (a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : a.index - b.index));
}
