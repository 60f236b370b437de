import type { Disposable } from '../../core/disposable';
import { escapeUnseen } from '../../core/unseen';
import type { VirtualDocuments } from '../virtualDocuments';
import type { KnownServer } from './knownServer';

/** How often an open log is brought up to date, in milliseconds. */
const intervalMs = 500;

/** Shows what servers write to standard error, in documents that exist only in the editor: there may be secrets in it. */
export class ServerLogs {
  readonly #documents: VirtualDocuments;
  readonly #followed = new Map<KnownServer, Disposable>();
  readonly #timers = new Map<KnownServer, NodeJS.Timeout>();

  constructor(documents: VirtualDocuments) {
    this.#documents = documents;
  }

  async show(server: KnownServer): Promise<void> {
    await this.#documents.show(pathOf(server), textOf(server));
    this.#followed.get(server)?.dispose();
    const { supervisor } = server;
    if (supervisor)
      this.#followed.set(
        server,
        supervisor.onDidLog(() => this.#soon(server)),
      );
  }

  dispose(): void {
    for (const followed of this.#followed.values()) followed.dispose();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#followed.clear();
    this.#timers.clear();
  }

  #soon(server: KnownServer): void {
    if (this.#timers.has(server)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(server);
      this.#documents.update(pathOf(server), textOf(server));
    }, intervalMs);
    this.#timers.set(server, timer);
  }
}

function pathOf(server: KnownServer): string {
  return `/servers/${server.name}/stderr.log`;
}

function textOf(server: KnownServer): string {
  const { state } = server;
  const reason = state.kind === 'failed' || state.kind === 'needsSignIn' ? `${escapeUnseen(state.reason)}\n\n` : '';
  const log = server.supervisor?.log ?? '';
  return `${reason}${log === '' ? 'It wrote nothing to standard error.\n' : escapeUnseen(log)}`;
}
