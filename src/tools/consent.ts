import { createHash } from 'node:crypto';
import type { CallerIdentity } from '../aws/identity';
import { canonicalJson } from '../core/json';
import type { ToolAccess } from './tool';

/** What a tool is about to change, in the words a person decides by. */
export interface ConsentPlan {
  /** Verb and noun, e.g. `Invoke function`; the modal's button says the verb. */
  action: string;
  /** What it acts on, as the user calls it, e.g. `orders-refund`. */
  resource: string;
  /** Its ARN, where it has one. */
  resourceArn?: string;
  /** What exactly is sent or changed: label and value, shown one a line. Part of what is agreed to. */
  details: readonly { label: string; value: string }[];
  /** What is replaced by what, shown as a difference. Part of what is agreed to. */
  changes?: readonly ConsentChange[];
}

/** A text that is there and the one that takes its place; empty where there is none. */
export interface ConsentChange {
  /** What it is, e.g. `template.yaml`; its ending says in which language. */
  label: string;
  before: string;
  after: string;
}

/** A plan together with everything else the person agrees to. */
export interface ConsentRequest {
  plan: ConsentPlan;
  tool: string;
  access: ToolAccess;
  /** Name of the client that wants it. */
  client: string;
  sessionId: string;
  identity: CallerIdentity | undefined;
  /** SHA-256 over all of the above: a yes is good for this and nothing else. */
  hash: string;
  /** Whether the person may also agree to the same action on the same resource for the rest of the session. */
  offersGrant?: boolean;
}

/** How the question ended. */
export type ConsentAnswer =
  /** `grant`: also for later calls of the session; has a meaning only where the request offered it. */
  | { kind: 'allowed'; by: 'editor' | 'client'; grant?: 'session' }
  | { kind: 'refused'; reason: 'declined' | 'dismissed' | 'planChanged' | 'timedOut' | 'nobodyToAsk' };

/** Somebody who can put a question to a person. */
export interface ConsentAsker {
  /** Resolves when the person answered; a fired `signal` ends the question as dismissed. */
  ask(request: ConsentRequest, signal: AbortSignal): Promise<ConsentAnswer>;
}

/** What a yes is bound to. */
export type ConsentSubject = Omit<ConsentRequest, 'hash' | 'offersGrant'>;

/** SHA-256 of everything that the person sees, in hex. A `hash` that `request` may have already is left out. */
export function consentHash(request: ConsentSubject): string {
  const { plan, tool, access, client, sessionId, identity } = request;
  const agreed = { plan, tool, access, client, sessionId, identity };
  return createHash('sha256').update(canonicalJson(agreed)).digest('hex');
}
