import type * as vscode from 'vscode';
import { Emitter, type Event } from '../../core/emitter';
import { isRecord } from '../../core/json';

/** A server whose traffic the user wants to see: our host offers it beside the user's own definition. */
export interface WatchedServer {
  /** Key of its entry in the config file; see `entryKey`. */
  key: string;
  /** Part of its path on our host; stays the same while it is watched. */
  name: string;
  /** The name in the file. */
  title: string;
  /** It came with a folder, so it is watched only where that folder is open. */
  isOfWorkspace: boolean;
}

const storageKey = 'managedServers.watched';

/** What VS Code calls the definition that leads through us. */
export function watchedLabel({ title }: Pick<WatchedServer, 'title'>): string {
  return `${title} (watched)`;
}

/** Remembers which servers are watched. Light, because it is made when the extension starts. */
export class WatchedServers {
  readonly #user: vscode.Memento;
  readonly #workspace: vscode.Memento;
  readonly #changed = new Emitter<void>();

  constructor(user: vscode.Memento, workspace: vscode.Memento) {
    this.#user = user;
    this.#workspace = workspace;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  get all(): readonly WatchedServer[] {
    return [...read(this.#user, false), ...read(this.#workspace, true)];
  }

  has(key: string): boolean {
    return this.all.some((server) => server.key === key);
  }

  /** @returns the server as it was kept: with a name that no other watched server has. */
  async add(server: WatchedServer): Promise<WatchedServer> {
    const others = this.all.filter(({ key }) => key !== server.key);
    const isTaken = others.some(({ name }) => name.toLowerCase() === server.name.toLowerCase());
    const kept = isTaken ? { ...server, name: `${server.name.slice(0, 50)}-${server.key.slice(0, 8)}` } : server;
    await this.#write(kept.isOfWorkspace, (list) => [...list.filter(({ key }) => key !== kept.key), kept]);
    return kept;
  }

  async remove(key: string): Promise<void> {
    for (const isOfWorkspace of [false, true]) {
      await this.#write(isOfWorkspace, (list) => list.filter((server) => server.key !== key));
    }
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #write(isOfWorkspace: boolean, change: (list: WatchedServer[]) => WatchedServer[]): Promise<void> {
    const memento = isOfWorkspace ? this.#workspace : this.#user;
    const before = read(memento, isOfWorkspace);
    const after = change(before);
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    await memento.update(storageKey, after);
    this.#changed.fire();
  }
}

function read(memento: vscode.Memento, isOfWorkspace: boolean): WatchedServer[] {
  const stored = memento.get<unknown>(storageKey);
  if (!Array.isArray(stored)) return [];
  return (stored as unknown[]).flatMap((item) => {
    if (!isRecord(item)) return [];
    const { key, name, title } = item;
    return typeof key === 'string' && typeof name === 'string' && typeof title === 'string'
      ? [{ key, name, title, isOfWorkspace }]
      : [];
  });
}
