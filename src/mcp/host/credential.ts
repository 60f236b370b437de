import { hash, timingSafeEqual } from 'node:crypto';

/** A shared secret, kept only as its hash and compared in constant time. */
export class Credential {
  readonly #digest: Buffer;

  constructor(secret: string) {
    this.#digest = sha256(secret);
  }

  matches(given: string): boolean {
    return timingSafeEqual(sha256(given), this.#digest);
  }
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
