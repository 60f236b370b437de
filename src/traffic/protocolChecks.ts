import { isRecord, type JsonObject } from '../core/json';
import { joinPath, type Finding } from './finding';
import { headerMismatches } from './headerChecks';
import { errorCodeMeaning, methodRule, type MethodRule } from './protocolRules';
import type { ExchangeFacts } from './trafficSource';
import type { WireOddity, WireRecord } from './wireRecord';

/** An exchange with all that is known of it. */
export interface CheckedExchange {
  request?: WireRecord | undefined;
  response?: WireRecord | undefined;
  facts?: ExchangeFacts | undefined;
}

/** Reserved members of `_meta` (2026-07-28). */
const metaVersion = 'io.modelcontextprotocol/protocolVersion';
const metaCapabilities = 'io.modelcontextprotocol/clientCapabilities';

/** Larger messages are shown, but not checked: nobody reads findings about them, and parsing them takes long. */
const maxCheckedChars = 4 * 1024 * 1024;
const maxFindings = 100;

const oddityTexts: Readonly<Record<WireOddity, string>> = {
  reusedId: 'The id was used before in this session; each request needs one of its own.',
  unknownId: 'It answers no request that was seen; its id is that of none that is waiting.',
  unknownToken: 'No request that is waiting asked for progress with this token.',
  beforeInitialize: 'It was sent before the initialization was over; until then only pings may be sent.',
};

/**
 * Holds an exchange to the rules of its revision and explains what is special to that: form of the messages, methods,
 * capabilities, order, headers, input rounds, streams.
 * Sources: MCP specification 2025-11-25 (Base Protocol, Lifecycle, Tools) and 2026-07-28; JSON-RPC 2.0.
 */
export function checkExchange({ request, response, facts }: CheckedExchange): Finding[] {
  const findings = new Findings();
  const sent = readMessage(request);
  const answered = readMessage(response);
  if (request && sent) checkRequest(request, sent, facts, findings);
  else if (request) checkOddities(request, 'request', findings);
  if (response && answered) checkResponse(response, answered, sent, facts, findings);
  if (request) checkBytes(request, 'request', findings);
  if (response) checkBytes(response, 'response', findings);
  if (request?.previousRound !== undefined) {
    findings.add(
      'info',
      'request',
      undefined,
      'It goes on with an earlier request that asked for input.',
      request.previousRound,
    );
  }
  if (request?.nextRound !== undefined) {
    findings.add('info', 'response', undefined, 'The client answered with another request.', request.nextRound);
  }
  return findings.list;
}

class Findings {
  readonly list: Finding[] = [];

  add(
    severity: Finding['severity'],
    message: Finding['message'],
    path: string | undefined,
    text: string,
    seq?: number,
  ): void {
    if (this.list.length >= maxFindings) return;
    this.list.push({
      severity,
      check: 'protocol',
      message,
      ...(path === undefined ? {} : { path }),
      text,
      ...(seq === undefined ? {} : { seq }),
    });
  }
}

function readMessage(record: WireRecord | undefined): Record<string, unknown> | undefined {
  if (!record || record.isCut === true || record.body.length > maxCheckedChars) return undefined;
  try {
    const message: unknown = JSON.parse(record.body);
    return isRecord(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

function checkBytes({ isRaw, body }: WireRecord, message: Finding['message'], findings: Findings): void {
  if (!isRaw) return;
  const text = body.startsWith('{')
    ? 'Its bytes are no valid UTF-8, which JSON must be (RFC 8259, section 8.1).'
    : 'These bytes are no message: they cannot be read as a JSON object.';
  findings.add('error', message, undefined, text);
}

function checkOddities({ oddities }: WireRecord, message: Finding['message'], findings: Findings): void {
  for (const oddity of oddities ?? []) {
    findings.add(
      'error',
      message,
      oddity === 'reusedId' || oddity === 'unknownId' ? 'id' : undefined,
      oddityTexts[oddity],
    );
  }
}

function checkEnvelope(
  message: Record<string, unknown>,
  side: Finding['message'],
  members: readonly string[],
  findings: Findings,
): void {
  if (message['jsonrpc'] !== '2.0') findings.add('error', side, 'jsonrpc', 'Every message must say "jsonrpc": "2.0".');
  for (const name of Object.keys(message)) {
    if (!members.includes(name)) {
      findings.add('warning', side, joinPath('', name), `JSON-RPC knows no member ${quoted(name)} here.`);
    }
  }
  const { id } = message;
  if (id !== undefined && typeof id !== 'string' && !Number.isInteger(id) && !(side === 'response' && id === null)) {
    findings.add('error', side, 'id', 'An id must be a text or a whole number.');
  }
}

function checkRequest(
  record: WireRecord,
  message: Record<string, unknown>,
  facts: ExchangeFacts | undefined,
  findings: Findings,
): void {
  checkOddities(record, 'request', findings);
  checkEnvelope(message, 'request', ['jsonrpc', 'id', 'method', 'params'], findings);
  const { params } = message;
  const method = String(message['method']);
  if (params !== undefined && !isRecord(params)) {
    findings.add('error', 'request', 'params', 'MCP takes parameters by name only, as an object.');
  }
  const rule = methodRule(method);
  checkMethod(record, method, rule, findings);
  if (rule) checkCapability(record, rule, message, facts, findings);
  if (isRecord(params)) {
    checkParams(record, params, rule, findings);
    if (record.era === 'modern' && record.direction === 'clientToServer') checkMeta(params['_meta'], record, findings);
  } else if (record.era === 'modern' && record.kind === 'request' && record.direction === 'clientToServer') {
    checkMeta(undefined, record, findings);
  }
  if (!record.headers) return;
  for (const { path, text } of headerMismatches(record, record.headers, message, facts?.schemas?.inputSchema)) {
    findings.add('error', 'request', path, text);
  }
}

function checkMethod(
  { era, kind, direction }: WireRecord,
  method: string,
  rule: MethodRule | undefined,
  findings: Findings,
): void {
  if (!rule) {
    findings.add('warning', 'request', 'method', `${quoted(method)} is no method of MCP; it may be an extension.`);
    return;
  }
  if (rule.eras !== undefined && rule.eras !== era) {
    findings.add(
      'error',
      'request',
      'method',
      era === 'modern'
        ? `${quoted(method)} is gone since 2026-07-28.`
        : `${quoted(method)} came with 2026-07-28, and this session speaks an earlier revision.`,
    );
  }
  if (rule.from !== undefined && rule.from !== direction) {
    findings.add(
      'error',
      'request',
      'method',
      `Only ${rule.from === 'clientToServer' ? 'clients send' : 'servers send'} ${quoted(method)}.`,
    );
  } else if (era === 'modern' && kind === 'request' && direction === 'serverToClient') {
    findings.add(
      'error',
      'request',
      'method',
      'Since 2026-07-28 servers send no requests; they answer with a demand for input.',
    );
  }
  if (kind === 'notification' && !rule.isNotification) {
    findings.add('error', 'request', 'id', `${quoted(method)} is a request and needs an id.`);
  } else if (kind === 'request' && rule.isNotification) {
    findings.add('error', 'request', 'id', `${quoted(method)} is a notification and must have no id.`);
  }
}

/** A method may only be used where the other side said that it can do that. */
function checkCapability(
  { direction, era }: WireRecord,
  { capability }: MethodRule,
  message: Record<string, unknown>,
  facts: ExchangeFacts | undefined,
  findings: Findings,
): void {
  if (capability === undefined || !facts) return;
  const isServers = direction === 'clientToServer';
  const given: JsonObject | undefined = isServers ? facts.session.serverCapabilities : facts.session.clientCapabilities;
  if (given && !hasCapability(given, capability)) {
    const [whose, other] = isServers ? ['The server', 'the client uses'] : ['The client', 'the server uses'];
    findings.add('error', 'request', 'method', `${whose} did not declare ${quoted(capability)}, which ${other} here.`);
  }
  if (era === 'modern' && message['method'] === 'subscriptions/listen') {
    findings.add(
      'info',
      'request',
      undefined,
      'It opens a stream: what the server has to tell comes as notifications until it ends.',
    );
  }
}

function hasCapability(capabilities: Record<string, unknown>, path: string): boolean {
  let value: unknown = capabilities;
  for (const step of path.split('.')) {
    value = isRecord(value) ? value[step] : undefined;
    if (value === undefined || value === false) return false;
  }
  return true;
}

function checkParams(
  { era }: WireRecord,
  params: Record<string, unknown>,
  rule: MethodRule | undefined,
  findings: Findings,
): void {
  const known = rule?.params;
  const rounds = ['inputResponses', 'requestState'];
  if (known) {
    for (const name of Object.keys(params)) {
      if (name === '_meta' || known.includes(name)) continue;
      if (rounds.includes(name) && rule.hasRounds) {
        if (era === 'legacy')
          findings.add('warning', 'request', joinPath('params', name), `${quoted(name)} came with 2026-07-28.`);
        continue;
      }
      findings.add('warning', 'request', joinPath('params', name), `This method has no parameter ${quoted(name)}.`);
    }
    for (const name of rule.required ?? []) {
      if (params[name] === undefined)
        findings.add('error', 'request', 'params', `The parameter ${quoted(name)} is missing.`);
    }
  }
  const { inputResponses } = params;
  if (isRecord(inputResponses)) {
    const names = Object.keys(inputResponses).map(quoted).join(', ');
    findings.add('info', 'request', 'params.inputResponses', `It gives the input that was asked for: ${names}.`);
  }
}

function checkMeta(meta: unknown, { kind }: WireRecord, findings: Findings): void {
  if (kind !== 'request') return;
  for (const name of [metaVersion, metaCapabilities]) {
    if (isRecord(meta) && meta[name] !== undefined) continue;
    findings.add(
      'error',
      'request',
      isRecord(meta) ? 'params._meta' : 'params',
      `Every request must name ${quoted(name)} in _meta.`,
    );
  }
}

function checkResponse(
  record: WireRecord,
  message: Record<string, unknown>,
  sent: Record<string, unknown> | undefined,
  facts: ExchangeFacts | undefined,
  findings: Findings,
): void {
  checkOddities(record, 'response', findings);
  checkEnvelope(message, 'response', ['jsonrpc', 'id', 'result', 'error'], findings);
  const { result, error } = message;
  if (result !== undefined && error !== undefined) {
    findings.add('error', 'response', undefined, 'A response has either a result or an error, not both.');
  } else if (result === undefined && error === undefined) {
    findings.add('error', 'response', undefined, 'A response must have a result or an error.');
  }
  if (error !== undefined) checkError(error, findings);
  if (result === undefined) return;
  if (!isRecord(result)) {
    findings.add('error', 'response', 'result', 'A result must be an object.');
    return;
  }
  const isRound = checkResultType(record, result, findings);
  if (isRound) return;
  if (record.method === 'tools/call') checkToolResult(result, facts, findings);
  else if (record.method === 'initialize') checkInitializeResult(result, sent, findings);
  else if (record.method === 'tools/list') checkToolNames(result, findings);
}

function checkError(error: unknown, findings: Findings): void {
  if (!isRecord(error)) {
    findings.add('error', 'response', 'error', 'An error must be an object with a code and a message.');
    return;
  }
  const { code } = error;
  if (!Number.isInteger(code))
    findings.add('error', 'response', 'error.code', 'The code of an error must be a whole number.');
  else {
    const meaning = errorCodeMeaning(code as number);
    if (meaning !== undefined) findings.add('info', 'response', 'error.code', `${code as number}: ${meaning}`);
  }
  if (typeof error['message'] !== 'string') findings.add('error', 'response', 'error', 'An error must have a message.');
}

/** @returns whether the result is a demand for input. */
function checkResultType({ era, direction }: WireRecord, result: Record<string, unknown>, findings: Findings): boolean {
  const { resultType, inputRequests } = result;
  if (era === 'legacy' || direction === 'clientToServer') {
    if (resultType !== undefined && era === 'legacy') {
      findings.add(
        'info',
        'response',
        'result.resultType',
        '"resultType" came with 2026-07-28 and means nothing to this client.',
      );
    }
    return false;
  }
  if (resultType === undefined) {
    findings.add(
      'warning',
      'response',
      'result',
      'Since 2026-07-28 every result must say its "resultType"; clients take it as "complete".',
    );
    return false;
  }
  if (resultType === 'complete') return false;
  if (resultType !== 'input_required') {
    findings.add(
      'error',
      'response',
      'result.resultType',
      `Clients must refuse the unknown type ${quoted(JSON.stringify(resultType))}.`,
    );
    return false;
  }
  if (!isRecord(inputRequests) && typeof result['requestState'] !== 'string') {
    findings.add('error', 'response', 'result', 'A demand for input needs "inputRequests" or "requestState".');
  }
  for (const [name, asked] of Object.entries(isRecord(inputRequests) ? inputRequests : {})) {
    const method = isRecord(asked) && typeof asked['method'] === 'string' ? asked['method'] : '?';
    findings.add(
      'info',
      'response',
      joinPath('result.inputRequests', name),
      `It asks the client for input with ${quoted(method)}.`,
    );
  }
  return true;
}

const contentMembers: Readonly<Record<string, readonly string[]>> = {
  text: ['text'],
  image: ['data', 'mimeType'],
  audio: ['data', 'mimeType'],
  resource: ['resource'],
  resource_link: ['uri', 'name'],
};

function checkToolResult(result: Record<string, unknown>, facts: ExchangeFacts | undefined, findings: Findings): void {
  const { content, structuredContent, isError } = result;
  if (!Array.isArray(content)) {
    findings.add('error', 'response', 'result', 'The result of a tool must have a list "content".');
  } else {
    for (const [index, block] of (content as unknown[]).slice(0, 500).entries()) {
      const path = `result.content[${index}]`;
      const type = isRecord(block) ? block['type'] : undefined;
      const members = typeof type === 'string' ? contentMembers[type] : undefined;
      if (!isRecord(block) || !members) {
        findings.add('error', 'response', path, `There is no content of the type ${quoted(String(type))}.`);
        continue;
      }
      for (const name of members) {
        if (block[name] === undefined)
          findings.add('error', 'response', path, `Content of this type must have ${quoted(name)}.`);
      }
    }
  }
  if (structuredContent !== undefined && !isRecord(structuredContent)) {
    findings.add('error', 'response', 'result.structuredContent', 'Structured content must be an object.');
  }
  if (facts?.schemas?.outputSchema && isError !== true && structuredContent === undefined) {
    findings.add(
      'error',
      'response',
      'result',
      'The tool declares an output schema, so its result must have "structuredContent".',
    );
  }
}

function checkInitializeResult(
  result: Record<string, unknown>,
  sent: Record<string, unknown> | undefined,
  findings: Findings,
): void {
  const params = sent?.['params'];
  const asked = isRecord(params) ? params['protocolVersion'] : undefined;
  const { protocolVersion } = result;
  if (typeof protocolVersion !== 'string') {
    findings.add('error', 'response', 'result', 'The answer must name the protocol version.');
  } else if (typeof asked === 'string' && asked !== protocolVersion) {
    findings.add(
      'info',
      'response',
      'result.protocolVersion',
      `The client asked for ${quoted(asked)}; the server settled on ${quoted(protocolVersion)}.`,
    );
  }
}

function checkToolNames(result: Record<string, unknown>, findings: Findings): void {
  const { tools } = result;
  if (!Array.isArray(tools)) {
    findings.add('error', 'response', 'result', 'The answer must have a list "tools".');
    return;
  }
  const seen = new Set<string>();
  for (const [index, tool] of (tools as unknown[]).entries()) {
    const name = isRecord(tool) ? tool['name'] : undefined;
    const path = `result.tools[${index}]`;
    if (typeof name !== 'string') findings.add('error', 'response', path, 'A tool must have a name.');
    else if (seen.has(name))
      findings.add('error', 'response', `${path}.name`, `There is another tool called ${quoted(name)}.`);
    else seen.add(name);
    if (isRecord(tool) && !isRecord(tool['inputSchema']))
      findings.add('error', 'response', path, 'A tool must have an input schema.');
  }
}

function quoted(text: string): string {
  return `"${text.length > 80 ? `${text.slice(0, 79)}…` : text}"`;
}
