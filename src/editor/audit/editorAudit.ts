import { Emitter, type Event } from '../../core/emitter';
import { WorkbenchError } from '../../core/errors';
import type { AuditLog } from '../../tools/audit/auditLog';
import type { AuditEntry, AuditSink } from '../../tools/audit/auditRecord';

export interface EditorAuditOptions {
  /** Makes the log; called when the first call is recorded. Makes no folder by itself. */
  open(): Promise<AuditLog>;
  /** Tells the user that calls cannot be recorded, and what to do; once until they can be again. */
  onProblem(error: WorkbenchError): void;
}

/** The audit log of this window. It is opened with the first record, and tells views and the user what becomes of it. */
export class EditorAudit implements AuditSink {
  readonly #options: EditorAuditOptions;
  readonly #changed = new Emitter<void>();
  #log: Promise<AuditLog> | undefined;
  #hasProblem = false;
  #isClosed = false;

  constructor(options: EditorAuditOptions) {
    this.#options = options;
  }

  /** Fires when something was recorded. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  async append(entry: AuditEntry, isDurable: boolean): Promise<void> {
    // The log of a window that closes takes nothing more, and one that was never opened is not opened then.
    if (this.#isClosed && !this.#log) throw closed();
    this.#log ??= this.#options.open();
    try {
      await (await this.#log).append(entry, isDurable);
      this.#hasProblem = false;
      this.#changed.fire();
    } catch (error) {
      if (!this.#hasProblem && !this.#isClosed && WorkbenchError.is(error)) this.#options.onProblem(error);
      this.#hasProblem = true;
      throw error;
    }
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const log = await this.#log?.catch(() => undefined);
    await log?.close();
    this.#changed.dispose();
  }
}

function closed(): WorkbenchError {
  return new WorkbenchError('Internal', 'The call cannot be recorded in the audit log.', {
    remedy: 'The window is closing. Call again in another one.',
  });
}
