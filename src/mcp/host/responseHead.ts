import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { WireHeaders } from '../../traffic/headers';

/** The head of an answer, once it was written. Holds nothing else, since a record may keep it for long. */
export class ResponseHead {
  #headers: WireHeaders | undefined;

  /** Notes the head. @param status of HTTP. */
  note(status: number, headers: OutgoingHttpHeaders | Readonly<Record<string, string>>): void {
    this.#headers = headOf(status, headers);
  }

  readonly read = (): WireHeaders | undefined => this.#headers;
}

/**
 * Notes the head of an answer when somebody writes it, for the record: Node itself gives back only headers that were
 * set one by one.
 */
export function observeHead(response: ServerResponse): ResponseHead {
  const head = new ResponseHead();
  const writeHead = response.writeHead.bind(response) as (...parts: unknown[]) => ServerResponse;
  const observed = (
    status: number,
    ...rest: (string | OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined)[]
  ): ServerResponse => {
    const given = rest.at(-1);
    const headers = typeof given === 'object' && !Array.isArray(given) ? given : {};
    head.note(status, { ...response.getHeaders(), ...headers });
    return writeHead(status, ...rest);
  };
  response.writeHead = observed;
  return head;
}

/** The head of an answer as it is recorded. @param status of HTTP. */
export function headOf(status: number, headers: OutgoingHttpHeaders | Readonly<Record<string, string>>): WireHeaders {
  const head: Record<string, string | readonly string[]> = { ':status': String(status) };
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) head[name] = typeof value === 'number' ? String(value) : value;
  }
  return head;
}
