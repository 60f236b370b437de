import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import type { ManagedServerSupervisor } from './managedServerSupervisor';
import type { MessageUpstream, UpstreamMessage } from './messageUpstream';

/**
 * Lets the SDK's client speak over a connection that a supervisor opens. Being no `StdioClientTransport`, it is asked
 * about its era in place: the SDK would otherwise start a second process of the server only to ask, with all that
 * starting it does.
 */
export class MessageTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport['onmessage'];
  /** Together with `pid` the SDK takes it as a sign that silence to a probe means an old server. */
  readonly stderr = null;
  readonly #supervisor: ManagedServerSupervisor;
  #upstream: MessageUpstream | undefined;
  #isClosed = false;

  constructor(supervisor: ManagedServerSupervisor) {
    this.#supervisor = supervisor;
  }

  get pid(): number | null {
    return this.#upstream?.pid ?? null;
  }

  async start(): Promise<void> {
    this.#upstream = await this.#supervisor.openMessages({
      onMessage: (message) => this.#receive(message),
      onEnd: ({ kind, message }) => {
        if (kind !== 'stopped') this.onerror?.(new Error(message));
        this.#close();
      },
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#isClosed || !this.#upstream) throw new Error('The connection is closed.');
    await this.#upstream.send(Buffer.from(JSON.stringify(message)));
  }

  async close(): Promise<void> {
    await this.#upstream?.close();
    this.#close();
  }

  #receive({ parsed }: UpstreamMessage): void {
    for (const message of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) {
      this.onmessage?.(message as JSONRPCMessage);
    }
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.onclose?.();
  }
}
