import type { TrafficSource } from '../trafficSource';
import type { WireRecord } from '../wireRecord';
import { AccountMask } from './accountMask';

/** What a person may leave out of an export, besides the secrets that are never in it. */
export interface ExportChoices {
  /** Leaves out what messages say: parameters, results, and the lines that quote them. */
  withoutBodies?: boolean;
  /** Replaces AWS account ids. */
  withoutAccounts?: boolean;
  /** Tells by `seq` which records to export; all by default. */
  picks?: (seq: number) => boolean;
}

/** What is left out, in the words of the trace's header. */
export function leftOut({ withoutBodies, withoutAccounts }: ExportChoices): string[] {
  return [...(withoutBodies ? ['bodies'] : []), ...(withoutAccounts ? ['accounts'] : [])];
}

/** Gives the records of a source as they may leave it. */
export class RecordExporter {
  readonly #source: TrafficSource;
  readonly #choices: ExportChoices;
  readonly #mask: AccountMask | undefined;

  constructor(source: TrafficSource, choices: ExportChoices) {
    this.#source = source;
    this.#choices = choices;
    this.#mask = choices.withoutAccounts ? new AccountMask() : undefined;
  }

  /** The numbers of the records that are picked, oldest first. */
  *picked(): Generator<number> {
    const { firstSeq, nextSeq } = this.#source.extent;
    for (let seq = firstSeq; seq < nextSeq; seq += 1) {
      if (this.#isPicked(seq)) yield seq;
    }
  }

  /** The record with that number, with what was chosen left out; `undefined` where it is not kept or not picked. */
  get(seq: number): WireRecord | undefined {
    const record = this.#isPicked(seq) ? this.#source.get(seq) : undefined;
    if (!record) return undefined;
    const exported = this.#choices.withoutBodies ? withoutBody(record) : record;
    return this.#mask ? masked(exported, this.#mask) : exported;
  }

  #isPicked(seq: number): boolean {
    return this.#choices.picks?.(seq) ?? true;
  }
}

function withoutBody(record: WireRecord): WireRecord {
  const { note: _note, original: _original, headers: _headers, raw: _raw, target, ...rest } = record;
  // The name of a tool is what statistics are about; the address of a resource says what was read.
  const keepsTarget = rest.method === 'tools/call' || rest.method === 'prompts/get';
  return { ...rest, ...(keepsTarget && target !== undefined ? { target } : {}), body: '' };
}

function masked({ body, original, raw, ...summary }: WireRecord, mask: AccountMask): WireRecord {
  // Times and sizes are numbers that could have twelve digits too, so only texts are looked at.
  const texts = <T>(value: T): T => {
    if (typeof value === 'string') return mask.apply(value) as T;
    if (Array.isArray(value)) return value.map((item: unknown) => texts(item)) as T;
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, texts<unknown>(member)])) as T;
    }
    return value;
  };
  return {
    ...texts(summary),
    body: mask.apply(body),
    ...(original === undefined ? {} : { original: mask.apply(original) }),
    ...(raw === undefined ? {} : { raw: maskedBytes(raw, mask) }),
  };
}

/** Ids are ASCII, so all other bytes stay what they are. */
function maskedBytes(base64: string, mask: AccountMask): string {
  const text = Buffer.from(base64, 'base64').toString('latin1');
  return Buffer.from(mask.apply(text), 'latin1').toString('base64');
}
