import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';

/** Where the editor remembers things for a workspace (`vscode.Memento`). */
export interface FilterMemory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const memoryKey = 'mcpWorkbench.inspector.savedFilters';
const maxFilters = 50;

/** The filters that somebody saved in this workspace, the latest first. */
export class SavedFilters implements Disposable {
  readonly #memory: FilterMemory;
  readonly #changed = new Emitter<void>();
  readonly onDidChange: Event<void> = this.#changed.event;

  constructor(memory: FilterMemory) {
    this.#memory = memory;
  }

  get list(): readonly string[] {
    const saved = this.#memory.get(memoryKey);
    if (!Array.isArray(saved)) return [];
    return (saved as unknown[])
      .filter((text): text is string => typeof text === 'string' && text !== '' && text.length <= 1000)
      .slice(0, maxFilters);
  }

  save(text: string): void {
    const trimmed = text.trim();
    if (trimmed === '') return;
    this.#keep([trimmed, ...this.list.filter((known) => known !== trimmed)].slice(0, maxFilters));
  }

  remove(text: string): void {
    this.#keep(this.list.filter((known) => known !== text));
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #keep(filters: readonly string[]): void {
    // What cannot be remembered is lost with the window, which is no reason to disturb anybody.
    this.#memory.update(memoryKey, filters).then(undefined, () => undefined);
    this.#changed.fire();
  }
}
