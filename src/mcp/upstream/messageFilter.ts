import { fromJsonSchema, type JsonSchemaType } from '@modelcontextprotocol/server';
import { isRecord, type JsonObject } from '../../core/json';
import { methodOf, paramsOf, type AnyMessage } from './jsonRpc';
import { findValues, replaceValues } from './jsonSplice';
import type { ServerFilter } from './managedServer';

/** What a filter makes of a request. */
export type FilterVerdict =
  | { kind: 'same' }
  /** `splice` changes the text of the message in the same way and nowhere else. */
  | { kind: 'changed'; message: AnyMessage; splice(text: string): string }
  /** `answer` is what the client gets in place of the server's, without `jsonrpc` and `id`. */
  | { kind: 'refused'; answer: { error: JsonObject } | { result: JsonObject } };

interface KnownTool {
  isReadOnly: boolean;
  inputSchema: JsonSchemaType | undefined;
}

const same: FilterVerdict = { kind: 'same' };
const toolNamePath = ['params', 'name'];
const maxKnownTools = 10_000;

/** What a user asked to be changed between the clients and one server. It only touches tools. */
export class MessageFilter {
  readonly #filter: ServerFilter;
  readonly #allowed: ReadonlySet<string> | undefined;
  readonly #known = new Map<string, KnownTool>();
  readonly #validators = new Map<string, ReturnType<typeof fromJsonSchema>>();

  constructor(filter: ServerFilter) {
    this.#filter = filter;
    this.#allowed = filter.tools && new Set(filter.tools);
  }

  /** The name by which the server knows a tool; `undefined` for one that clients must not see. */
  ownName(name: string): string | undefined {
    const { namePrefix = '' } = this.#filter;
    if (!name.startsWith(namePrefix)) return undefined;
    const own = name.slice(namePrefix.length);
    if (this.#allowed && !this.#allowed.has(own)) return undefined;
    // A tool that was never listed has said nothing about itself.
    if (this.#filter.readOnly && this.#known.get(own)?.isReadOnly !== true) return undefined;
    return own;
  }

  request(message: AnyMessage): FilterVerdict {
    if (methodOf(message) !== 'tools/call') return same;
    const params = paramsOf(message);
    const { name } = params;
    if (typeof name !== 'string') return same;
    const own = this.ownName(name);
    if (own === undefined) return refuse(-32_602, `Unknown tool: ${name}`);
    if (this.#filter.validateArguments) {
      const problem = this.#problemWith(own, params['arguments'] ?? {});
      if (problem !== undefined) {
        const text = `The arguments do not fit the schema of ${name}: ${problem}`;
        return { kind: 'refused', answer: { result: { content: [{ type: 'text', text }], isError: true } } };
      }
    }
    if (own === name) return same;
    return {
      kind: 'changed',
      message: { ...message, params: { ...params, name: own } },
      splice(text) {
        const [range] = findValues(text, [toolNamePath]);
        return range ? replaceValues(text, [{ ...range, text: JSON.stringify(own) }]) : text;
      },
    };
  }

  /** The changed response to a request of that method; `undefined` where it stays as it is. */
  response(method: string, message: AnyMessage): AnyMessage | undefined {
    const { result } = message;
    if (method !== 'tools/list' || !isRecord(result) || !Array.isArray(result['tools'])) return undefined;
    const tools: unknown[] = [];
    const { namePrefix = '' } = this.#filter;
    for (const tool of result['tools'] as unknown[]) {
      if (!isRecord(tool) || typeof tool['name'] !== 'string') continue;
      this.#learn(tool['name'], tool);
      const name = namePrefix + tool['name'];
      if (this.ownName(name) !== undefined) tools.push(namePrefix === '' ? tool : { ...tool, name });
    }
    return { ...message, result: { ...result, tools } };
  }

  #learn(name: string, { annotations, inputSchema }: Record<string, unknown>): void {
    if (this.#known.size >= maxKnownTools && !this.#known.has(name)) return;
    this.#validators.delete(name);
    this.#known.set(name, {
      isReadOnly: isRecord(annotations) && annotations['readOnlyHint'] === true,
      inputSchema: isRecord(inputSchema) ? inputSchema : undefined,
    });
  }

  #problemWith(name: string, given: unknown): string | undefined {
    const schema = this.#known.get(name)?.inputSchema;
    if (!schema) return undefined;
    try {
      let validator = this.#validators.get(name);
      if (!validator) {
        validator = fromJsonSchema(schema);
        this.#validators.set(name, validator);
      }
      const outcome = validator['~standard'].validate(given);
      if (outcome instanceof Promise || !outcome.issues) return undefined;
      return outcome.issues.map(({ message }) => message).join('; ');
    } catch {
      // A schema that cannot be compiled is the server's own affair.
      return undefined;
    }
  }
}

function refuse(code: number, message: string): FilterVerdict {
  return { kind: 'refused', answer: { error: { code, message } } };
}
