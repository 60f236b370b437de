import type * as vscode from 'vscode';
import { isRecord } from '../../core/json';
import type { ServerUndo } from '../../mcp/upstream/discovery/edits/serverEdits';
import type { ServerEntry } from '../../mcp/upstream/discovery/serverEntry';
import type { InputDefinition, ServerTemplate } from '../../mcp/upstream/discovery/serverTemplate';
import { entryKey } from './entryKey';

/** An entry that we made lead through us, and what it said before. */
export interface RoutedServer {
  key: string;
  template: ServerTemplate;
  inputs: InputDefinition[];
  undo: ServerUndo;
}

const secretKey = 'managedServers.routed';

/** Remembers what routed entries said before. In the secret storage, since definitions may hold secrets. */
export class RoutedServers {
  readonly #secrets: vscode.SecretStorage;
  #byKey: ReadonlyMap<string, RoutedServer> = new Map();

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
  }

  /** Reads what is kept; another window may have changed it. */
  async load(): Promise<void> {
    const list = parse(await this.#secrets.get(secretKey));
    this.#byKey = new Map(list.map((routed) => [routed.key, routed]));
  }

  get(key: string): RoutedServer | undefined {
    return this.#byKey.get(key);
  }

  async add(routed: RoutedServer): Promise<void> {
    await this.load();
    await this.#save([...this.#byKey.values()].filter(({ key }) => key !== routed.key).concat(routed));
  }

  async remove(key: string): Promise<void> {
    await this.load();
    await this.#save([...this.#byKey.values()].filter((routed) => routed.key !== key));
  }

  /** The entry as it was before it was routed; others as they are. */
  original(entry: ServerEntry): ServerEntry {
    const routed = this.#byKey.get(entryKey(entry));
    if (!routed) return entry;
    return { ...entry, template: routed.template, inputs: new Map(routed.inputs.map((input) => [input.id, input])) };
  }

  async #save(list: RoutedServer[]): Promise<void> {
    await this.#secrets.store(secretKey, JSON.stringify(list));
    this.#byKey = new Map(list.map((routed) => [routed.key, routed]));
  }
}

function parse(text: string | undefined): RoutedServer[] {
  try {
    const stored = JSON.parse(text ?? '[]') as unknown;
    if (!Array.isArray(stored)) return [];
    return (stored as unknown[]).filter(
      (item) =>
        isRecord(item) && typeof item['key'] === 'string' && isRecord(item['template']) && isRecord(item['undo']),
    ) as unknown as RoutedServer[];
  } catch {
    return [];
  }
}
