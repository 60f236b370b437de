import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  CLIENT_INFO_META_KEY,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  ProtocolError,
  ProtocolErrorCode,
  type CallToolRequestParams,
  type InputRequiredResult,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { canonicalJson } from '../../core/json';
import type { ConsentAnswer, ConsentAsker } from '../../tools/consent';
import { ControlFlow } from '../../tools/pipeline';
import { consentQuestion, readConsentAnswer } from './consentQuestion';
import type { FeatureRequest } from './serverFeatures';

/** Ends a call with a question; the client calls again with the answer. */
export class InputRequired extends ControlFlow {
  override readonly name = 'InputRequired';
  readonly result: InputRequiredResult;

  constructor(result: InputRequiredResult) {
    super('Input is required');
    this.result = result;
  }
}

/** What travels through the client between two rounds: readable by it, but not changeable. */
const roundStateSchema = z.object({
  /** Makes every state unique, so that it can be used up. */
  nonce: z.string(),
  tool: z.string(),
  /** SHA-256 of the arguments. */
  arguments: z.string(),
  /** Hash of the plan that the question of this round is about. */
  asked: z.string(),
  /** Hashes of the plans agreed to in earlier rounds of the same call. */
  agreed: z.array(z.string()),
});
type RoundState = z.output<typeof roundStateSchema>;

/** Key of our only input request in a round. */
const answerKey = 'consent';

/**
 * Asks through input rounds (2026-07-28, multi round-trip requests): the call ends with the question, and the client
 * sends it again with the answer and the state that came with the question. The state is signed with a key that lives
 * as long as the process, is bound to the client, the tool, its arguments and the plan, ends with the time for an
 * answer, and is good for one round.
 */
export class ConsentRounds {
  readonly #codec: RequestStateCodec<RoundState>;
  readonly #timeoutMs: number;
  /** Nonces of states that were sent back, with the time in milliseconds after which they have expired anyway. */
  readonly #used = new Map<string, number>();

  /** @param timeoutMs milliseconds for which a question stays answerable; the protocol's clock counts whole seconds. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#codec = createRequestStateCodec<RoundState>({
      key: randomBytes(32),
      ttlSeconds: Math.ceil(timeoutMs / 1000),
      bind: callerOf,
    });
  }

  /**
   * Checks a state and uses it up.
   * @throws Error for one that was not made here, was changed, has expired, is somebody else's or was used before.
   */
  async verify(state: string, context: ServerContext): Promise<RoundState> {
    const round = roundStateSchema.parse(await this.#codec.verify(state, context));
    const now = Date.now();
    for (const [nonce, expiresAt] of this.#used) {
      if (expiresAt > now) break;
      this.#used.delete(nonce);
    }
    if (this.#used.has(round.nonce)) throw new Error('used');
    this.#used.set(round.nonce, now + this.#timeoutMs + 1000);
    return round;
  }

  /**
   * The asker for one call.
   * @throws ProtocolError -32602 for a state that belongs to another call.
   */
  asker(params: CallToolRequestParams, { context }: FeatureRequest): ConsentAsker {
    const round = context.mcpReq.requestState<RoundState>();
    const digest = createHash('sha256')
      .update(canonicalJson(params.arguments ?? {}))
      .digest('hex');
    if (round && (round.tool !== params.name || round.arguments !== digest)) {
      // The same words as for any other state that does not hold, so that nothing is learned from the difference.
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', {
        reason: 'invalid_request_state',
      });
    }
    const agreedBefore = [...(round?.agreed ?? [])];
    const agreed: string[] = [];
    let asked = round?.asked;
    return {
      ask: async (request): Promise<ConsentAnswer> => {
        const { hash } = request;
        if (agreedBefore[0] === hash) {
          agreedBefore.shift();
          agreed.push(hash);
          return { kind: 'allowed', by: 'client' };
        }
        if (asked !== undefined || agreedBefore.length > 0) {
          // A yes to something else is no yes: what is to be done changed between the question and the answer.
          if (asked !== hash || agreedBefore.length > 0) return { kind: 'refused', reason: 'planChanged' };
          const answer = inputResponse(context.mcpReq.inputResponses, answerKey);
          if (answer.kind === 'elicit') {
            asked = undefined;
            agreed.push(hash);
            return readConsentAnswer(answer.action, answer.content);
          }
        }
        const requestState = await this.#codec.mint(
          { nonce: randomUUID(), tool: params.name, arguments: digest, asked: hash, agreed },
          context,
        );
        const question = inputRequired.elicit(consentQuestion(request));
        throw new InputRequired(inputRequired({ inputRequests: { [answerKey]: question }, requestState }));
      },
    };
  }
}

/** Who a state is good for: the listener's credential and the client's own name. */
function callerOf({ mcpReq, http }: ServerContext): string {
  return canonicalJson([mcpReq.method, http?.authInfo?.clientId ?? '', clientInfoOf(mcpReq.envelope) ?? null]);
}

/** Who a request says it comes from. */
export function claimedClient({ mcpReq }: ServerContext): { name: string; version: string } {
  const { name, version } = (clientInfoOf(mcpReq.envelope) ?? {}) as { name?: unknown; version?: unknown };
  return {
    name: typeof name === 'string' ? name : 'unknown',
    version: typeof version === 'string' ? version : '',
  };
}

function clientInfoOf(envelope: ServerContext['mcpReq']['envelope']): unknown {
  return (envelope as Record<string, unknown> | undefined)?.[CLIENT_INFO_META_KEY];
}
