import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { isRecord } from '../../core/json';
import { redactedMark, redactJson } from '../../core/redact';
import type { SavedInput, TryItTarget } from '../../protocol/tryIt';
import type { FilterMemory } from './savedFilters';

const memoryKey = 'mcpWorkbench.tryIt.inputs';
const maxTargets = 200;
const maxInputs = 20;
const maxChars = 100_000;

/** Inputs that somebody saved in this workspace, by what they are for, the latest first. Secrets are not among them. */
export class SavedInputs implements Disposable {
  readonly #memory: FilterMemory;
  readonly #changed = new Emitter<TryItTarget>();
  readonly onDidChange: Event<TryItTarget> = this.#changed.event;

  constructor(memory: FilterMemory) {
    this.#memory = memory;
  }

  of(target: TryItTarget): SavedInput[] {
    return this.#all().get(keyOf(target)) ?? [];
  }

  /** Saves an input under a name, in place of the one that had it. @returns false for one that is too long or no JSON */
  save(target: TryItTarget, { name, text }: SavedInput): boolean {
    const kept = withoutSecrets(text);
    if (kept === undefined || kept.length > maxChars) return false;
    this.#keep(target, [{ name, text: kept }, ...this.of(target).filter((known) => known.name !== name)]);
    return true;
  }

  forget(target: TryItTarget, name: string): void {
    this.#keep(
      target,
      this.of(target).filter((known) => known.name !== name),
    );
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #keep(target: TryItTarget, inputs: readonly SavedInput[]): void {
    const all = this.#all();
    all.delete(keyOf(target));
    if (inputs.length > 0) all.set(keyOf(target), inputs.slice(0, maxInputs));
    const entries = [...all].slice(-maxTargets);
    // What cannot be remembered is lost with the window, which is no reason to disturb anybody.
    this.#memory.update(memoryKey, entries).then(undefined, () => undefined);
    this.#changed.fire(target);
  }

  #all(): Map<string, SavedInput[]> {
    const saved = this.#memory.get(memoryKey);
    if (!Array.isArray(saved)) return new Map();
    return new Map(
      (saved as unknown[]).flatMap((entry): [string, SavedInput[]][] => {
        const [key, inputs] = Array.isArray(entry) ? (entry as unknown[]) : [];
        if (typeof key !== 'string' || !Array.isArray(inputs)) return [];
        return [[key, (inputs as unknown[]).filter((input) => isSavedInput(input))]];
      }),
    );
  }
}

/**
 * JSON text without the members and items whose values are secrets, by their names or by what they look like.
 * @returns `undefined` for a text that is no JSON
 */
export function withoutSecrets(text: string): string | undefined {
  try {
    return JSON.stringify(strip(redactJson(JSON.parse(text) as unknown)), undefined, 2);
  } catch {
    return undefined;
  }
}

function strip(value: unknown): unknown {
  if (typeof value === 'string') return value.includes(redactedMark) ? undefined : value;
  if (Array.isArray(value)) return (value as unknown[]).map((item) => strip(item)).filter((item) => item !== undefined);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, strip(member)] as const);
  return Object.fromEntries(entries.filter(([, member]) => member !== undefined));
}

function keyOf({ server, kind, name }: TryItTarget): string {
  return JSON.stringify([server, kind, name]);
}

function isSavedInput(value: unknown): value is SavedInput {
  return isRecord(value) && typeof value['name'] === 'string' && typeof value['text'] === 'string';
}
