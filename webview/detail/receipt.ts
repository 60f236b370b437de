import { isRecord } from '../../src/core/json';

/** Who a call acted as, as our results say it (`identity` in the structured content). */
export interface Receipt {
  account?: string;
  role?: string;
  region?: string;
  profile?: string;
}

/** Finds the identity that a tool result of ours names; `undefined` for any other message. */
export function receiptOf(body: string): Receipt | undefined {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return undefined;
  }
  const result = isRecord(message) ? message['result'] : undefined;
  const content = isRecord(result) ? result['structuredContent'] : undefined;
  const identity = isRecord(content) ? content['identity'] : undefined;
  if (!isRecord(identity)) return undefined;
  const receipt: Receipt = {};
  for (const name of ['account', 'role', 'region', 'profile'] as const) {
    const value = identity[name];
    if (typeof value === 'string') receipt[name] = value;
  }
  return Object.keys(receipt).length > 0 ? receipt : undefined;
}
