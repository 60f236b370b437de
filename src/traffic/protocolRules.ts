import type { ProtocolEra, WireDirection } from './wireRecord';

/** What MCP says of a method. */
export interface MethodRule {
  isNotification?: true;
  /** The only family of revisions that has it. */
  eras?: ProtocolEra;
  /** The only side that sends it. */
  from?: WireDirection;
  /** Capability that the other side must have declared, e.g. `resources.subscribe`. */
  capability?: string;
  /** All parameters but `_meta`. */
  params?: readonly string[];
  required?: readonly string[];
  /** Whether it may be answered with a demand for input (2026-07-28). */
  hasRounds?: true;
}

const client = { from: 'clientToServer' } as const;
const server = { from: 'serverToClient' } as const;
const list = { params: ['cursor'] } as const;

/** MCP specification 2025-11-25 and 2026-07-28, schema reference. */
const rules: Readonly<Record<string, MethodRule>> = {
  initialize: {
    ...client,
    eras: 'legacy',
    params: ['protocolVersion', 'capabilities', 'clientInfo'],
    required: ['protocolVersion', 'capabilities', 'clientInfo'],
  },
  ping: { eras: 'legacy', params: [] },
  'server/discover': { ...client, eras: 'modern', params: [] },
  'tools/list': { ...client, ...list, capability: 'tools' },
  'tools/call': {
    ...client,
    capability: 'tools',
    params: ['name', 'arguments', 'task'],
    required: ['name'],
    hasRounds: true,
  },
  'prompts/list': { ...client, ...list, capability: 'prompts' },
  'prompts/get': {
    ...client,
    capability: 'prompts',
    params: ['name', 'arguments'],
    required: ['name'],
    hasRounds: true,
  },
  'resources/list': { ...client, ...list, capability: 'resources' },
  'resources/templates/list': { ...client, ...list, capability: 'resources' },
  'resources/read': { ...client, capability: 'resources', params: ['uri'], required: ['uri'], hasRounds: true },
  'resources/subscribe': {
    ...client,
    eras: 'legacy',
    capability: 'resources.subscribe',
    params: ['uri'],
    required: ['uri'],
  },
  'resources/unsubscribe': {
    ...client,
    eras: 'legacy',
    capability: 'resources.subscribe',
    params: ['uri'],
    required: ['uri'],
  },
  'subscriptions/listen': { ...client, eras: 'modern' },
  'completion/complete': {
    ...client,
    capability: 'completions',
    params: ['ref', 'argument', 'context'],
    required: ['ref', 'argument'],
  },
  'logging/setLevel': { ...client, eras: 'legacy', capability: 'logging', params: ['level'], required: ['level'] },
  'sampling/createMessage': { ...server, eras: 'legacy', capability: 'sampling' },
  'elicitation/create': { ...server, eras: 'legacy', capability: 'elicitation' },
  'roots/list': { ...server, eras: 'legacy', capability: 'roots', params: [] },
  'tasks/get': {},
  'tasks/list': {},
  'tasks/cancel': {},
  'tasks/result': {},
  'tasks/update': {},
  'notifications/initialized': { ...client, isNotification: true, eras: 'legacy', params: [] },
  'notifications/cancelled': { isNotification: true, params: ['requestId', 'reason'] },
  'notifications/progress': {
    isNotification: true,
    params: ['progressToken', 'progress', 'total', 'message'],
    required: ['progressToken', 'progress'],
  },
  'notifications/message': {
    ...server,
    isNotification: true,
    params: ['level', 'logger', 'data'],
    required: ['level', 'data'],
  },
  'notifications/tools/list_changed': { ...server, isNotification: true },
  'notifications/prompts/list_changed': { ...server, isNotification: true },
  'notifications/resources/list_changed': { ...server, isNotification: true },
  'notifications/resources/updated': { ...server, isNotification: true, required: ['uri'] },
  'notifications/roots/list_changed': { ...client, isNotification: true, eras: 'legacy' },
  'notifications/subscriptions/acknowledged': { ...server, isNotification: true, eras: 'modern' },
  'notifications/tasks/status': { isNotification: true },
  'notifications/elicitation/complete': { ...server, isNotification: true, eras: 'legacy' },
};

/** The rule of a method; `undefined` for one that MCP does not know. */
export function methodRule(method: string): MethodRule | undefined {
  return Object.hasOwn(rules, method) ? rules[method] : undefined;
}

const errorCodes: Readonly<Record<number, string>> = {
  [-32700]: 'the message was no valid JSON.',
  [-32600]: 'the message was no valid request.',
  [-32601]: 'the receiver knows no such method.',
  [-32602]: 'the parameters are not as the method needs them, or what they name does not exist.',
  [-32603]: 'the receiver failed.',
  [-32000]: 'the connection was closed, or the server refused for a reason of its own.',
  [-32001]: 'the request took too long, or the session is not known.',
  [-32002]: 'there is no such resource.',
  [-32020]: 'a header does not say the same as the body.',
  [-32021]: 'the client lacks a capability that this needs.',
  [-32022]: 'the server does not speak that revision of the protocol.',
  [-32042]: 'the person must first visit an address that the server names.',
};

/** What an error code of JSON-RPC or MCP means. */
export function errorCodeMeaning(code: number): string | undefined {
  return errorCodes[code];
}
