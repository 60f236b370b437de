import { Agent, request as httpRequest } from 'node:http';

/** Where an echo server is. */
export interface EchoEndpoint {
  url: string;
  /** Empty where none is wanted. */
  token: string;
}

const echoed = 'twenty bytes of text';

/** The leanest client there can be, so that what is measured is the server's side. One session of the legacy era. */
export class EchoClient {
  readonly endpoint: EchoEndpoint;
  readonly #agent = new Agent({ keepAlive: true });
  #sessionId = '';
  #nextId = 1;

  constructor(endpoint: EchoEndpoint) {
    this.endpoint = endpoint;
  }

  async begin(): Promise<void> {
    const { sessionId } = await this.#post({
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
    });
    this.#sessionId = sessionId;
    await this.#post({ jsonrpc: '2.0', method: 'notifications/initialized' });
  }

  /** Calls the tool once. @returns milliseconds */
  async call(): Promise<number> {
    const started = performance.now();
    const { text } = await this.#post({
      jsonrpc: '2.0',
      id: this.#nextId++,
      method: 'tools/call',
      params: { name: 'echo', arguments: { text: echoed } },
    });
    const time = performance.now() - started;
    if (!text.includes(echoed)) throw new Error(`Unexpected answer: ${text}`);
    return time;
  }

  /** Calls one after another. @returns milliseconds of each */
  async callInTurn(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let call = 0; call < count; call++) times.push(await this.call());
    return times;
  }

  /** Keeps so many calls going. @returns calls per second */
  async callAtOnce(count: number, atOnce: number): Promise<number> {
    let left = count;
    const started = performance.now();
    const worker = async (): Promise<void> => {
      while (left-- > 0) await this.call();
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return (count / (performance.now() - started)) * 1000;
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(message: object): Promise<{ sessionId: string; text: string }> {
    return new Promise((resolve, reject) => {
      const body = JSON.stringify(message);
      const { url, token } = this.endpoint;
      const request = httpRequest(
        url,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            accept: 'application/json, text/event-stream',
            ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
            ...(this.#sessionId === '' ? {} : { 'mcp-session-id': this.#sessionId }),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('error', reject);
          response.on('end', () => {
            if ((response.statusCode ?? 500) >= 300) reject(new Error(`HTTP ${response.statusCode}: ${text}`));
            else resolve({ sessionId: String(response.headers['mcp-session-id'] ?? ''), text });
          });
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }
}
