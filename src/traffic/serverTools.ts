import { isRecord, type JsonObject } from '../core/json';

/** The schemas that a server's latest `tools/list` gives for a tool. */
export interface ToolSchemas {
  inputSchema?: JsonObject;
  outputSchema?: JsonObject;
}

/** Longest list kept for a server, in characters, and for how many servers. */
const maxListChars = 8 * 1024 * 1024;
const maxServers = 64;

interface ToolList {
  /** JSON texts of the responses, one for each page. */
  pages: string[];
  chars: number;
  /** Made of the pages when first asked for. */
  schemas?: Map<string, ToolSchemas>;
}

/** Keeps what each server last said of its tools, so that calls can be checked against their schemas. */
export class ServerTools {
  readonly #lists = new Map<string, ToolList>();

  /**
   * Notes a response to `tools/list`.
   * @param isFirst whether it is the first page.
   * @param body its JSON text, redacted.
   */
  noteList(server: string, isFirst: boolean, body: string): void {
    let list = this.#lists.get(server);
    if (!list || isFirst) {
      this.#lists.delete(server);
      list = { pages: [], chars: 0 };
      this.#lists.set(server, list);
      for (const oldest of this.#lists.keys()) {
        if (this.#lists.size <= maxServers) break;
        this.#lists.delete(oldest);
      }
    }
    if (list.chars + body.length > maxListChars) return;
    list.pages.push(body);
    list.chars += body.length;
    delete list.schemas;
  }

  /** The schemas of a tool; `undefined` where no list with it was seen. */
  find(server: string, tool: string): ToolSchemas | undefined {
    const list = this.#lists.get(server);
    if (!list) return undefined;
    list.schemas ??= readSchemas(list.pages);
    return list.schemas.get(tool);
  }
}

function readSchemas(pages: readonly string[]): Map<string, ToolSchemas> {
  const schemas = new Map<string, ToolSchemas>();
  for (const page of pages) {
    let message: unknown;
    try {
      message = JSON.parse(page);
    } catch {
      continue;
    }
    const result = isRecord(message) ? message['result'] : undefined;
    const tools: unknown = isRecord(result) ? result['tools'] : undefined;
    if (!Array.isArray(tools)) continue;
    for (const tool of tools as unknown[]) {
      if (!isRecord(tool) || typeof tool['name'] !== 'string') continue;
      const { inputSchema, outputSchema } = tool;
      schemas.set(tool['name'], {
        ...(isRecord(inputSchema) ? { inputSchema: inputSchema as JsonObject } : {}),
        ...(isRecord(outputSchema) ? { outputSchema: outputSchema as JsonObject } : {}),
      });
    }
  }
  return schemas;
}
