import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import { auditFileName, listAuditFiles } from './auditFiles';
import { chainRecord, firstPrev, type AuditEntry, type AuditSink, type UnchainedRecord } from './auditRecord';

export interface AuditLogOptions {
  /** Absolute path of the folder; made where it is missing. */
  folder: string;
  /** Version of the product. */
  version: string;
  logger: Logger;
  /** Bytes after which a new file is begun. Default 1 MB. */
  maxFileBytes?: number;
  /** Files of all processes that are kept. Default 24. */
  maxFiles?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

interface Waiting {
  record: UnchainedRecord;
  isDurable: boolean;
  settle(error?: Error): void;
}

/**
 * Writes the audit log: JSON lines, each with the hash of the line before. Every process writes files of its own, so
 * that several windows need no lock, and readers put them together. A line that could not be written is never half
 * believed: the file is left, and the chain goes on in a new one, which says how many records were lost.
 */
export class AuditLog implements AuditSink {
  readonly #options: AuditLogOptions;
  readonly #chain = randomBytes(4).toString('hex');
  readonly #queue: Waiting[] = [];
  #isWriting = false;
  #writing: Promise<void> | undefined;
  #file: { handle: fs.FileHandle; bytes: number } | undefined;
  #files = 0;
  #seq = 0;
  #prev = firstPrev;
  #lost = 0;
  #hasFailed = false;
  #isClosed = false;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  get folder(): string {
    return this.#options.folder;
  }

  /** The end of the chain: who keeps it elsewhere can tell later that nothing was cut off. */
  get head(): { chain: string; seq: number; hash: string } {
    return { chain: this.#chain, seq: this.#seq - 1, hash: this.#prev };
  }

  append(entry: AuditEntry, isDurable: boolean): Promise<void> {
    if (this.#isClosed) return Promise.reject(this.#failure(new Error('the log is closed')));
    const time = new Date(this.#options.now?.() ?? Date.now()).toISOString();
    return new Promise((resolve, reject) => {
      this.#queue.push({
        record: { time, ...entry },
        isDurable,
        settle: (error) => (error ? reject(error) : resolve()),
      });
      if (this.#isWriting) return;
      this.#isWriting = true;
      this.#writing = this.#writeAll();
    });
  }

  /** Resolves when everything that was added so far is written, or has failed to be. */
  async flush(): Promise<void> {
    while (this.#isWriting) await this.#writing;
  }

  /** Writes what waits and closes the file. Later records are refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
    await this.#closeFile();
  }

  async #writeAll(): Promise<void> {
    // Whatever is added in the same turn goes into the same write.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, maxBatch);
      let error: Error | undefined;
      try {
        await this.#write(batch);
        if (this.#hasFailed) this.#options.logger.info('Calls are recorded in the audit log again.');
        this.#hasFailed = false;
      } catch (cause) {
        this.#lost += batch.length;
        error = this.#failure(cause);
        // Once, not for each call.
        if (!this.#hasFailed) this.#options.logger.warn(`${error.message} ${messageOf(cause)}`);
        this.#hasFailed = true;
        await this.#abandonFile();
      }
      for (const waiting of batch) waiting.settle(error);
    }
    // In the same turn as the last look at the queue, so that nothing is added which nobody writes.
    this.#isWriting = false;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const { maxFileBytes = 1024 * 1024 } = this.#options;
    // Somebody may have deleted it: what is written to it then is seen by nobody.
    if (this.#file && (this.#file.bytes >= maxFileBytes || (await this.#file.handle.stat()).nlink === 0)) {
      await this.#closeFile();
    }
    const records = batch.map(({ record }) => record);
    if (this.#lost > 0) {
      records.unshift({ time: records[0]?.time ?? '', phase: 'lost', count: this.#lost });
    }
    const file = this.#file ?? (await this.#openFile());
    if (this.#file === undefined) {
      records.unshift({
        time: records[0]?.time ?? '',
        phase: 'opened',
        chain: this.#chain,
        file: this.#files - 1,
        pid: process.pid,
        version: this.#options.version,
      });
      this.#file = file;
    }
    let [seq, prev] = [this.#seq, this.#prev];
    let text = '';
    for (const record of records) {
      const { line, hash } = chainRecord(record, seq, prev);
      text += `${line}\n`;
      [seq, prev] = [seq + 1, hash];
    }
    const bytes = Buffer.from(text);
    await file.handle.appendFile(bytes);
    if (batch.some(({ isDurable }) => isDurable)) await file.handle.datasync();
    file.bytes += bytes.length;
    [this.#seq, this.#prev, this.#lost] = [seq, prev, 0];
  }

  async #openFile(): Promise<{ handle: fs.FileHandle; bytes: number }> {
    const { folder, now = Date.now } = this.#options;
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
    const name = auditFileName({ openedAt: now(), pid: process.pid, chain: this.#chain, index: this.#files });
    const handle = await fs.open(path.join(folder, name), 'ax', 0o600);
    this.#files++;
    await this.#deleteOld(name).catch((error: unknown) =>
      this.#options.logger.warn(`Old audit files were not deleted: ${messageOf(error)}`),
    );
    return { handle, bytes: 0 };
  }

  /** Deletes the oldest files over the limit, but none that a running process may still write. */
  async #deleteOld(current: string): Promise<void> {
    const { folder, maxFiles = 24 } = this.#options;
    const files = await listAuditFiles(folder);
    const newestOf = new Map(files.map((file) => [file.chain, file.name]));
    for (const file of files.slice(0, Math.max(0, files.length - maxFiles))) {
      const isInUse = newestOf.get(file.chain) === file.name && isRunning(file.pid);
      if (file.name !== current && !isInUse) await fs.rm(path.join(folder, file.name), { force: true });
    }
  }

  /** Leaves a file that could not be written, without what may be there of the lines that were not. */
  async #abandonFile(): Promise<void> {
    const file = this.#file;
    await file?.handle.truncate(file.bytes).catch(() => undefined);
    await this.#closeFile();
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close().catch(() => undefined);
  }

  #failure(cause: unknown): WorkbenchError {
    return new WorkbenchError('Internal', 'The call cannot be recorded in the audit log.', {
      remedy: `Make room on the disk, and let this user write to ${this.#options.folder}.`,
      retryable: true,
      cause,
    });
  }
}

const maxBatch = 500;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
