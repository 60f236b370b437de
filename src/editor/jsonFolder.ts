import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/** Keeps JSON values by key in a folder of our own, a file for each; several windows may read and write them. */
export class JsonFolder {
  readonly #folder: string;
  #writing: Promise<unknown> = Promise.resolve();

  /** @param folder made when first needed */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The value of a key, unchecked; `undefined` where there is none or it cannot be read. */
  async read(key: string): Promise<unknown> {
    await this.#writing;
    try {
      return JSON.parse(await fs.readFile(this.#file(key), 'utf8')) as unknown;
    } catch {
      return undefined;
    }
  }

  /** Writes a value after those that were written before. */
  write(key: string, value: unknown): Promise<void> {
    const before = this.#writing;
    const write = this.#write(key, value, before);
    this.#writing = write.catch(() => undefined);
    return write;
  }

  async #write(key: string, value: unknown, before: Promise<unknown>): Promise<void> {
    await before;
    await fs.mkdir(this.#folder, { recursive: true });
    // Whole or not at all: another window may read it.
    const file = this.#file(key);
    const temporary = `${file}.${process.pid}`;
    await fs.writeFile(temporary, JSON.stringify(value), { mode: 0o600 });
    await fs.rename(temporary, file);
  }

  #file(key: string): string {
    const name = createHash('sha256').update(key).digest('hex').slice(0, 32);
    return path.join(this.#folder, `${name}.json`);
  }
}
