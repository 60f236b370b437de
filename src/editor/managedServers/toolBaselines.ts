import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Tool } from '@modelcontextprotocol/client';
import { isRecord } from '../../core/json';
import type { SeenTools } from '../../mcp/upstream/seenTools';

/** Remembers what tools a server had when a person last saw them, so that a silent change can be pointed out. */
export class ToolBaselines {
  readonly #folder: string;
  #writing: Promise<unknown> = Promise.resolve();

  /** @param folder of our own, made when first needed */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param key of the server's entry @returns `undefined` where nobody has seen any yet */
  async read(key: string): Promise<SeenTools | undefined> {
    await this.#writing;
    try {
      const stored = JSON.parse(await fs.readFile(this.#file(key), 'utf8')) as unknown;
      if (!isRecord(stored) || !Array.isArray(stored['tools']) || !isRecord(stored['names'])) return undefined;
      const isTool = (tool: unknown): tool is Tool => isRecord(tool) && typeof tool['name'] === 'string';
      const names = Object.entries(stored['names']).filter((entry): entry is [string, string[]] =>
        Array.isArray(entry[1]),
      );
      return { tools: (stored['tools'] as unknown[]).filter(isTool), names: Object.fromEntries(names) };
    } catch {
      // Not there, or not readable: as good as never seen.
      return undefined;
    }
  }

  write(key: string, seen: SeenTools): Promise<void> {
    const before = this.#writing;
    const write = this.#write(key, seen, before);
    this.#writing = write.catch(() => undefined);
    return write;
  }

  async #write(key: string, seen: SeenTools, before: Promise<unknown>): Promise<void> {
    await before;
    await fs.mkdir(this.#folder, { recursive: true });
    // Whole or not at all: another window may read it.
    const file = this.#file(key);
    const temporary = `${file}.${process.pid}`;
    await fs.writeFile(temporary, JSON.stringify(seen), { mode: 0o600 });
    await fs.rename(temporary, file);
  }

  #file(key: string): string {
    const name = createHash('sha256').update(key).digest('hex').slice(0, 32);
    return path.join(this.#folder, `${name}.json`);
  }
}
