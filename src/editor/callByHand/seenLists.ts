import { canonicalJson, isRecord } from '../../core/json';
import type { OfferedLists } from '../../mcp/caller/callableServer';
import { JsonFolder } from '../jsonFolder';

/** Tools are remembered with the server itself, because its changes are a warning in the tree. */
type SeenList = Exclude<keyof OfferedLists, 'tools'>;

/** Longest lists that are kept, as JSON; a server may list every file that there is. */
const maxChars = 1024 * 1024;

/** Remembers what prompts and resources servers offered when a person last saw them. */
export class SeenLists {
  readonly #folder: JsonFolder;
  readonly #before = new Map<string, Partial<OfferedLists>>();
  /** The list that was held against the seen one last, by its key. */
  readonly #noted = new Map<string, object>();

  /** @param folder of our own, made when first needed */
  constructor(folder: string) {
    this.#folder = new JsonFolder(folder);
  }

  /** Lists that were other ones when a person last saw them, as they were. */
  before(server: string): Partial<OfferedLists> {
    return this.#before.get(server) ?? {};
  }

  /** Holds a list that was just read against the one that was seen; the first one is taken for seen. */
  async note<K extends SeenList>(server: string, kind: K, list: OfferedLists[K]): Promise<void> {
    const key = `${server}/${kind}`;
    // A list that is remembered is given out again and again.
    if (this.#noted.get(key) === list) return;
    this.#noted.set(key, list);
    const seen = await this.#folder.read(key);
    const before = { ...this.before(server) };
    delete before[kind];
    const text = canonicalJson(list);
    if (!Array.isArray(seen)) {
      if (text.length <= maxChars) await this.#folder.write(key, list);
    } else if (canonicalJson(seen) !== text) {
      before[kind] = (seen as unknown[]).filter((item) => isRecord(item)) as unknown as OfferedLists[K];
    }
    this.#before.set(server, before);
  }

  /** Takes what there is for seen. */
  async accept(server: string, lists: Partial<OfferedLists>): Promise<void> {
    const kinds = Object.keys(this.before(server)) as SeenList[];
    this.#before.delete(server);
    for (const kind of kinds) {
      const list = lists[kind];
      if (list && canonicalJson(list).length <= maxChars) await this.#folder.write(`${server}/${kind}`, list);
    }
  }
}
