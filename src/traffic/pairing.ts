import type { WireDirection } from './wireRecord';

/** A request whose response has not been seen. */
export interface PendingRequest {
  /** Number of its record; 0 where it was not recorded. */
  seq: number;
  method: string;
  target: string | undefined;
  /** When it was sent, on the monotonic clock, in milliseconds. */
  clock: number;
  isCancelled: boolean;
  /** For `tools/list`: whether it asks for the first page. */
  isFirstPage?: boolean;
}

interface Entry extends PendingRequest {
  progressToken: string | number | undefined;
  /** The request with the same id that came after it: forbidden, and yet seen. They are answered in order. */
  later?: Entry;
  /** On the first of such a row: its last. */
  last?: Entry;
}

/** A peer that never gets answers must not fill the memory. */
const maxPending = 10_000;

/**
 * Matches the responses of one channel to its requests by JSON-RPC id. Each side numbers its own requests, so the two
 * directions are apart; the ids `1` and `"1"` are different (JSON-RPC 2.0, section 4).
 */
export class ChannelPairing {
  #count = 0;
  readonly #pending = {
    clientToServer: new Map<string | number, Entry>(),
    serverToClient: new Map<string | number, Entry>(),
  };
  /** Ids that were used before; a peer must not use one twice in a session (MCP specification, Base Protocol). */
  readonly #used = { clientToServer: new Set<string | number>(), serverToClient: new Set<string | number>() };
  readonly #byToken = {
    clientToServer: new Map<string | number, Entry>(),
    serverToClient: new Map<string | number, Entry>(),
  };

  /**
   * Notes a request; `request` is kept, so that what the caller adds to it later is found.
   * @returns whether the id was used before.
   */
  open(
    direction: WireDirection,
    id: string | number,
    progressToken: string | number | undefined,
    request: PendingRequest,
  ): boolean {
    const used = this.#used[direction];
    const isReused = used.has(id);
    if (used.size >= maxPending) used.clear();
    used.add(id);
    const entry: Entry = Object.assign(request, { progressToken });
    if (progressToken !== undefined) this.#byToken[direction].set(progressToken, entry);
    this.#count += 1;
    const first = this.#pending[direction].get(id);
    if (first) {
      (first.last ?? first).later = entry;
      first.last = entry;
    } else {
      this.#pending[direction].set(id, entry);
    }
    return isReused;
  }

  /** Takes the request that a response with that id answers. */
  close(requestDirection: WireDirection, id: string | number): PendingRequest | undefined {
    const pending = this.#pending[requestDirection];
    const entry = pending.get(id);
    if (!entry) return undefined;
    if (entry.later) {
      if (entry.last) entry.later.last = entry.last;
      pending.set(id, entry.later);
    } else {
      pending.delete(id);
    }
    this.#count -= 1;
    this.#forgetToken(requestDirection, entry);
    return entry;
  }

  /** The pending request with that id. */
  find(requestDirection: WireDirection, id: string | number): PendingRequest | undefined {
    return this.#pending[requestDirection].get(id);
  }

  /** The pending request that asked for progress under that token. */
  findByProgressToken(requestDirection: WireDirection, token: unknown): PendingRequest | undefined {
    if (typeof token !== 'string' && typeof token !== 'number') return undefined;
    return this.#byToken[requestDirection].get(token);
  }

  /** The pending request of that direction, if it is the only one. */
  only(requestDirection: WireDirection): PendingRequest | undefined {
    const pending = this.#pending[requestDirection];
    return pending.size === 1 ? pending.values().next().value : undefined;
  }

  /** Takes all requests that are still pending. */
  closeAll(): PendingRequest[] {
    const all: PendingRequest[] = [];
    for (const pending of [this.#pending.clientToServer, this.#pending.serverToClient]) {
      for (const first of pending.values()) {
        for (let entry: Entry | undefined = first; entry; entry = entry.later) all.push(entry);
      }
      pending.clear();
    }
    this.#byToken.clientToServer.clear();
    this.#byToken.serverToClient.clear();
    this.#count = 0;
    return all;
  }

  /** Forgets the requests that wait longest, where too many wait. */
  dropOldest(): void {
    if (this.#count <= maxPending) return;
    for (const direction of ['clientToServer', 'serverToClient'] as const) {
      for (const id of this.#pending[direction].keys()) {
        if (this.#count <= maxPending) return;
        this.close(direction, id);
      }
    }
  }

  #forgetToken(direction: WireDirection, entry: Entry): void {
    if (entry.progressToken !== undefined && this.#byToken[direction].get(entry.progressToken) === entry) {
      this.#byToken[direction].delete(entry.progressToken);
    }
  }
}
