import type { Tool } from '@modelcontextprotocol/client';
import { isRecord } from '../../core/json';
import type { SeenTools } from '../../mcp/upstream/seenTools';
import { JsonFolder } from '../jsonFolder';

/** Remembers what tools a server had when a person last saw them, so that a silent change can be pointed out. */
export class ToolBaselines {
  readonly #folder: JsonFolder;

  /** @param folder of our own, made when first needed */
  constructor(folder: string) {
    this.#folder = new JsonFolder(folder);
  }

  /** @param key of the server's entry @returns `undefined` where nobody has seen any yet */
  async read(key: string): Promise<SeenTools | undefined> {
    const stored = await this.#folder.read(key);
    if (!isRecord(stored) || !Array.isArray(stored['tools']) || !isRecord(stored['names'])) return undefined;
    const isTool = (tool: unknown): tool is Tool => isRecord(tool) && typeof tool['name'] === 'string';
    const names = Object.entries(stored['names']).filter((entry): entry is [string, string[]] =>
      Array.isArray(entry[1]),
    );
    return { tools: (stored['tools'] as unknown[]).filter(isTool), names: Object.fromEntries(names) };
  }

  write(key: string, seen: SeenTools): Promise<void> {
    return this.#folder.write(key, seen);
  }
}
