import { isSecretName, redactedMark, redactText } from '../../core/redact';
import { escapeHidden } from './escapeHidden';
import { valueAt } from './jsonPath';
import {
  latestLegacyVersion,
  modernVersion,
  paramsToGenerate,
  SecretVariables,
  type CallToGenerate,
  type GeneratedText,
  type GenerateOptions,
  type SecretPiece,
} from './generatedCall';
import { textPieces } from './references';
import type { ServerEndpoint } from './serverEndpoint';
import { shellWord, shellWordOf } from './shellWord';

const clientInfo = { name: 'curl', version: '1.0.0' };

/**
 * Commands for a POSIX shell that send calls to a server: with `curl` where it speaks HTTP, else piped into its own
 * command. Whatever the calls hold, the shell takes it as data; secrets are variables of the environment.
 */
export function curlText(
  calls: readonly CallToGenerate[],
  endpoint: ServerEndpoint,
  options: GenerateOptions,
): GeneratedText {
  const secrets = new SecretVariables();
  const bodies: RequestBody[] = [];
  for (const [index, call] of calls.entries()) {
    const kept = paramsToGenerate(call);
    if ('problem' in kept) return kept;
    if (refersToStep(kept.params)) {
      return {
        problem: `Step ${index + 1} takes a value from an earlier one, which a shell without more tools cannot.`,
        remedy: 'Generate a mocha test instead, or put the value in.',
      };
    }
    bodies.push(requestBody(call, kept.params as Record<string, unknown>, index + 1, options, secrets));
  }
  const text =
    endpoint.transport === 'stdio'
      ? stdioLine(bodies, endpoint, options, secrets)
      : httpLines(bodies, endpoint, options, secrets);
  return { text, secrets: secrets.names };
}

interface RequestBody {
  call: CallToGenerate;
  /** The JSON-RPC message. */
  pieces: SecretPiece[];
}

function requestBody(
  call: CallToGenerate,
  params: Record<string, unknown>,
  id: number,
  { era }: GenerateOptions,
  secrets: SecretVariables,
): RequestBody {
  const { _meta: meta } = params;
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': modernVersion,
    'io.modelcontextprotocol/clientInfo': clientInfo,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const sent = era === 'modern' ? { ...params, _meta: { ...(meta as object | undefined), ...envelope } } : params;
  const isEmpty = Object.keys(sent).length === 0;
  const message = { jsonrpc: '2.0', id, method: call.method, ...(isEmpty ? {} : { params: sent }) };
  return { call, pieces: jsonPieces(message, secrets) };
}

/** The JSON text of a value, taken apart at its secrets. */
function jsonPieces(value: unknown, secrets: SecretVariables): SecretPiece[] {
  const pieces: SecretPiece[] = [];
  let plain = '';
  const write = (text: string, about: string): void => {
    for (const piece of secrets.pieces(text, about)) {
      if ('text' in piece) {
        plain += escapeHidden(JSON.stringify(piece.text).slice(1, -1));
        continue;
      }
      pieces.push({ text: plain }, piece);
      plain = '';
    }
  };
  const walk = (item: unknown, about: string): void => {
    if (typeof item === 'string') {
      plain += '"';
      write(item, about);
      plain += '"';
    } else if (Array.isArray(item)) {
      plain += '[';
      for (const [index, member] of (item as unknown[]).entries()) {
        if (index > 0) plain += ',';
        walk(member, about);
      }
      plain += ']';
    } else if (typeof item === 'object' && item !== null) {
      plain += '{';
      for (const [index, [name, member]] of Object.entries(item).entries()) {
        plain += `${index > 0 ? ',' : ''}${escapeHidden(JSON.stringify(name))}:`;
        walk(member, name);
      }
      plain += '}';
    } else {
      plain += JSON.stringify(item) ?? 'null';
    }
  };
  walk(value, '');
  pieces.push({ text: plain });
  return pieces.filter((piece) => !('text' in piece) || piece.text !== '');
}

function httpLines(
  bodies: readonly RequestBody[],
  { url, headers = {}, needsToken = false, socketPath }: Extract<ServerEndpoint, { transport: 'http' }>,
  { era, protocolVersion = latestLegacyVersion }: GenerateOptions,
  secrets: SecretVariables,
): string {
  const address = url === undefined ? `"\${${secrets.shared('MCP_URL')}:?}"` : shellWord(new URL(url).href);
  const common = [
    // Brackets in an address mean themselves.
    'curl -sS -g',
    ...(socketPath === undefined ? [] : [`--unix-socket ${shellWord(socketPath)}`]),
  ].join(' ');
  const shared = [
    header('Content-Type', 'application/json'),
    header('Accept', 'application/json, text/event-stream'),
    ...(needsToken ? [`-H "Authorization: Bearer \${${secrets.shared('MCP_TOKEN')}:?}"`] : []),
    ...Object.entries(headers)
      .filter(([name]) => !(needsToken && name.toLowerCase() === 'authorization'))
      .map(([name, value]) =>
        value === undefined || isSecretName(name) || redactText(value) !== value
          ? `-H ${shellWordOf([{ text: `${name}: ` }, { variable: secrets.add(name, 'MCP_HEADER_') }])}`
          : header(name, value),
      ),
  ];
  // So that one answer can be told from the next.
  const lineEnd = [String.raw`-w '\n'`];
  const post = (own: readonly string[], pieces: readonly SecretPiece[], options: readonly string[] = []): string =>
    [
      [common, ...options, '"$url"'].join(' '),
      ...shared,
      ...own,
      // Not `--data`, which reads a file where a text begins with @.
      `--data-raw ${shellWordOf(pieces)}`,
    ].join(' \\\n  ');
  if (era === 'modern') {
    const [only] = bodies;
    if (bodies.length === 1 && only) {
      return `${post(modernHeaders(only.call), only.pieces).replace('"$url"', () => address)}\n`;
    }
    return script([`url=${address}`, ...bodies.map(({ call, pieces }) => post(modernHeaders(call), pieces, lineEnd))]);
  }
  const initialize = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion, capabilities: {}, clientInfo },
  };
  // A server without sessions gives no id, and curl leaves a header without a value out.
  const own = [header('MCP-Protocol-Version', protocolVersion), '-H "Mcp-Session-Id: $session"'];
  const plain = (message: object): SecretPiece[] => [{ text: JSON.stringify(message) }];
  return script([
    `url=${address}`,
    `session=$(${post([], plain(initialize), ['-o /dev/null -D -'])} \\\n  | tr -d '\\r' | sed -n 's/^[Mm][Cc][Pp]-[Ss][Ee][Ss][Ss][Ii][Oo][Nn]-[Ii][Dd]: *//p')`,
    post(own, plain({ jsonrpc: '2.0', method: 'notifications/initialized' })),
    ...bodies.map(({ pieces }) => post(own, pieces, lineEnd)),
    `if [ -n "$session" ]; then ${[`${common} -o /dev/null -X DELETE "$url"`, ...shared.slice(2), ...own].join(' ')}; fi`,
  ]);
}

/** In a shell of its own, so that it ends at the first thing that goes wrong and leaves nothing behind. */
function script(lines: readonly string[]): string {
  return `(set -eu\n${lines.join('\n')}\n)\n`;
}

function modernHeaders(call: CallToGenerate): string[] {
  const { method, params, parameterHeaders = [] } = call;
  const name = method === 'resources/read' ? params['uri'] : params['name'];
  const hasName = ['tools/call', 'prompts/get', 'resources/read'].includes(method) && typeof name === 'string';
  return [
    header('MCP-Protocol-Version', modernVersion),
    header('Mcp-Method', method),
    ...(hasName ? [header('Mcp-Name', headerValue(name))] : []),
    ...parameterHeaders.flatMap(({ header: own, path }) => {
      const value = valueAt(params['arguments'], path);
      if (!['string', 'number', 'boolean'].includes(typeof value)) return [];
      const text = String(value);
      return text.includes(redactedMark) || redactText(text) !== text ? [] : [header(own, headerValue(text))];
    }),
  ];
}

/** Values that a header cannot carry as they are go as Base64 (2026-07-28, standard request headers). */
function headerValue(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/^=\?base64\?/i.test(text);
  if (isPlain) return text;
  const bytes = new TextEncoder().encode(text);
  return `=?base64?${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}?=`;
}

function header(name: string, value: string): string {
  return `-H ${shellWordOf([{ text: `${name}: ${value}` }])}`;
}

function stdioLine(
  bodies: readonly RequestBody[],
  { command, args, env = {}, cwd }: Extract<ServerEndpoint, { transport: 'stdio' }>,
  { era, protocolVersion = latestLegacyVersion }: GenerateOptions,
  secrets: SecretVariables,
): string {
  const messages = bodies.map(({ pieces }) => shellWordOf(pieces));
  if (era === 'legacy') {
    const initialize = {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion, capabilities: {}, clientInfo },
    };
    messages.unshift(
      ...[initialize, { jsonrpc: '2.0', method: 'notifications/initialized' }].map((message) =>
        shellWordOf([{ text: JSON.stringify(message) }]),
      ),
    );
  }
  const words = [command, ...args].map((word, index) =>
    redactText(word) === word ? shellWord(word) : `"\${${secrets.add(`argument ${index}`)}:?}"`,
  );
  const settings = Object.entries(env)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]) =>
      value === undefined || isSecretName(name) || redactText(value) !== value
        ? `${name}="\${${secrets.shared(name)}:?}"`
        : `${name}=${shellWord(value)}`,
    );
  const run = [...settings, ...words].join(' ');
  // Many servers end with their input, so it stays open until the answer had its time.
  const input = `{ printf '%s\\n' \\\n  ${messages.join(' \\\n  ')}; sleep 5; }`;
  return `${cwd === undefined ? '' : `cd ${shellWord(cwd)} && `}${input} | \\\n  ${run}\n`;
}

function refersToStep(params: unknown): boolean {
  if (typeof params === 'string') return textPieces(params).some((piece) => 'step' in piece);
  if (typeof params !== 'object' || params === null) return false;
  return Object.values(params).some(refersToStep);
}
