import { isRecord } from '../../core/json';
import { isSecretName, redactedMark, redactText } from '../../core/redact';
import { comparable } from './comparable';
import { escapeHidden } from './escapeHidden';
import {
  paramsToGenerate,
  SecretVariables,
  type CallToGenerate,
  type GeneratedText,
  type GenerateOptions,
} from './generatedCall';
import { readPath } from './jsonPath';
import { textPieces } from './references';
import type { ServerEndpoint } from './serverEndpoint';
import { isVolatileName, isVolatileValue } from './volatile';

/**
 * A mocha test in TypeScript that makes the calls again and fails where the server answers differently from what was
 * recorded. It needs `@modelcontextprotocol/client` and nothing of ours.
 */
export function mochaText(
  calls: readonly CallToGenerate[],
  endpoint: ServerEndpoint,
  options: GenerateOptions,
): GeneratedText {
  const secrets = new SecretVariables();
  const literals = new Literals(secrets);
  const params: string[] = [];
  for (const call of calls) {
    const kept = paramsToGenerate(call);
    if ('problem' in kept) return kept;
    params.push(literals.write(kept.params, '    '));
  }
  const { usesReplies } = literals;
  const tests = calls.map((call, index) => testText(call, params[index] ?? '{}', index, calls.length > 1, literals));
  const { imports, transport } = connection(endpoint, secrets, literals);
  const usesSecrets = secrets.names.length > 0;
  const negotiation = options.era === 'modern' ? ", { versionNegotiation: { mode: 'auto' } }" : '';
  const text = `import assert from 'node:assert/strict';
import { Client${imports.fromClient} } from '@modelcontextprotocol/client';
${imports.more}
/** Takes every result as it is. */
const anyResult = { '~standard': { version: 1, vendor: 'recorded', validate: (value: unknown) => ({ value }) } } as const;

describe(${literals.write(`recorded calls of ${options.server}`, '')}, function () {
  this.timeout(60_000);
  const client = new Client({ name: 'recorded-calls', version: '1.0.0' }${negotiation});
${usesReplies ? '  const replies: unknown[] = [];\n' : ''}
  before(() => client.connect(${transport}));

  after(() => client.close());

${tests.join('\n\n')}
});

/** A copy without what differs from call to call; \`*\` stands for every item of a list. */
function without(value: unknown, changing: readonly (readonly (string | number)[])[] = []): unknown {
  const copy: unknown = structuredClone(value);
  const remove = (at: unknown, [step, ...rest]: readonly (string | number)[]): void => {
    if (typeof at !== 'object' || at === null || step === undefined) return;
    const members = at as Record<string | number, unknown>;
    const names = Array.isArray(at) && step === '*' ? [...at.keys()] : Object.hasOwn(at, step) ? [step] : [];
    for (const name of names) {
      if (rest.length > 0) remove(members[name], rest);
      else if (Array.isArray(at)) members[name] = null;
      else delete members[name];
    }
  };
  const envelope = [['_meta'], ['resultType'], ['ttlMs'], ['cacheScope']];
  for (const path of [...envelope, ...changing]) remove(copy, path);
  return copy;
}
${
  usesReplies
    ? `
/** What an earlier call came to. */
function from(value: unknown, ...path: readonly (string | number)[]): unknown {
  const found = path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | undefined)?.[step], value);
  assert.notEqual(found, undefined, \`An earlier call gave no \${path.join('.')}.\`);
  return found;
}
`
    : ''
}${
    usesSecrets
      ? `
/** A value that stands in no file. */
function env(name: string): string {
  const value = process.env[name];
  assert.ok(value, \`Set \${name}.\`);
  return value;
}
`
      : ''
  }`;
  return { text, secrets: secrets.names };
}

function testText(
  call: CallToGenerate,
  params: string,
  index: number,
  isOneOfMany: boolean,
  literals: Literals,
): string {
  const { method, target, reply } = call;
  const name = [...(isOneOfMany ? [`${index + 1}.`] : []), method, ...(target === undefined ? [] : [target])].join(' ');
  const request = `client.request({ method: ${literals.write(method, '')}, params: ${params} }, anyResult)`;
  const title = literals.write(name.slice(0, 200), '');
  const code = isRecord(reply?.error) ? reply.error['code'] : undefined;
  if (reply?.error !== undefined) {
    const expected = typeof code === 'number' ? `, { code: ${code} }` : '';
    return `  it(${title}, async () => {\n    await assert.rejects(${request}${expected});\n  });`;
  }
  const keep = literals.usesReplies ? `\n    replies[${index}] = result;` : '';
  if (reply?.result === undefined) {
    return `  it(${title}, async () => {
    const result = (await ${request}) as { isError?: boolean };${keep}
    assert.notEqual(result.isError, true, JSON.stringify(result));
  });`;
  }
  const { value } = comparable(reply);
  const ignored = changingPaths(value);
  const isSteady = ignored.length === 0;
  return `  it(${title}, async () => {
    const result = await ${request};${keep}
    const expected = ${literals.expected(value, '    ')};
${isSteady ? '' : `    const changing = ${literals.expected(ignored, '    ')};\n`}    assert.deepEqual(without(result${isSteady ? '' : ', changing'}), without(expected${isSteady ? '' : ', changing'}));
  });`;
}

/** Where a result holds what differs from call to call, or what was not recorded. */
function changingPaths(result: unknown): (string | number)[][] {
  const found = new Map<string, (string | number)[]>();
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (found.size > 1000) return;
    if (typeof value === 'string') {
      if (changes(value)) found.set(JSON.stringify(path), path);
    } else if (Array.isArray(value)) {
      for (const item of value as unknown[]) walk(item, [...path, '*']);
    } else if (isRecord(value)) {
      for (const [name, member] of Object.entries(value)) {
        const here = [...path, name];
        if (isVolatileName(name)) found.set(JSON.stringify(here), here);
        else walk(member, here);
      }
    }
  };
  walk(result, []);
  return [...found.values()].filter(([name, more]) => more !== undefined || !envelope.has(String(name)));
}

/** What the protocol adds around a result, which is not compared. */
const envelope = new Set(['_meta', 'resultType', 'ttlMs', 'cacheScope']);

/** Whether a text holds what differs from call to call, also in JSON that it holds, or was not recorded as it was. */
function changes(text: string): boolean {
  if (text.includes(redactedMark) || /… \[\d+ more (?:characters|items)\]$/.test(text) || isVolatileValue(text))
    return true;
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    return holdsVolatile(JSON.parse(text) as unknown);
  } catch {
    return false;
  }
}

function holdsVolatile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return isVolatileValue(value);
  return Object.entries(value).some(([name, member]) => isVolatileName(name) || holdsVolatile(member));
}

function connection(
  endpoint: ServerEndpoint,
  secrets: SecretVariables,
  literals: Literals,
): { imports: { fromClient: string; more: string }; transport: string } {
  if (endpoint.transport === 'stdio') {
    const { command, args, env = {}, cwd } = endpoint;
    const settings = Object.entries(env).map(([name, value]) => {
      const isSecret = value === undefined || isSecretName(name) || redactText(value) !== value;
      const written = isSecret ? `env(${literals.write(secrets.shared(name), '')})` : literals.write(value, '');
      return `[${literals.write(name, '')}]: ${written}`;
    });
    const words = args.map((word, index) =>
      redactText(word) === word ? literals.expected(word, '') : `env('${secrets.add(`argument ${index + 1}`)}')`,
    );
    const members = [
      `command: ${literals.expected(command, '')}`,
      `args: [${words.join(', ')}]`,
      ...(settings.length > 0 ? [`env: { ...(process.env as Record<string, string>), ${settings.join(', ')} }`] : []),
      ...(cwd === undefined ? [] : [`cwd: ${literals.expected(cwd, '')}`]),
    ];
    return {
      imports: {
        fromClient: '',
        more: "import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';\n",
      },
      transport: `new StdioClientTransport({ ${members.join(', ')} })`,
    };
  }
  const { url, headers = {}, needsToken = false } = endpoint;
  const written = Object.entries(headers).map(([name, value]) => {
    const isSecret = value === undefined || isSecretName(name) || redactText(value) !== value;
    const text = isSecret ? `env('${secrets.add(name, 'MCP_HEADER_')}')` : literals.expected(value, '');
    return `[${literals.expected(name, '')}]: ${text}`;
  });
  if (needsToken) written.push(`Authorization: \`Bearer \${env('${secrets.shared('MCP_TOKEN')}')}\``);
  const address = url === undefined ? `env('${secrets.shared('MCP_URL')}')` : literals.expected(url, '');
  const more = written.length === 0 ? '' : `, { requestInit: { headers: { ${written.join(', ')} } } }`;
  return {
    imports: { fromClient: ', StreamableHTTPClientTransport', more: '' },
    transport: `new StreamableHTTPClientTransport(new URL(${address})${more})`,
  };
}

/** Writes values as TypeScript. Whatever they hold, it is data there. */
class Literals {
  readonly #secrets: SecretVariables;
  /** Whether a value refers to the result of an earlier call. */
  usesReplies = false;

  constructor(secrets: SecretVariables) {
    this.#secrets = secrets;
  }

  /** A value that is sent: secrets and results of earlier calls are put in when the test runs. */
  write(value: unknown, indent: string): string {
    return this.#value(value, indent, '', true);
  }

  /** A value that stands for itself. */
  expected(value: unknown, indent: string): string {
    return this.#value(value, indent, '', false);
  }

  #value(value: unknown, indent: string, about: string, isSent: boolean): string {
    if (typeof value === 'string') return isSent ? this.#sent(value, about) : text(value);
    if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
    const deeper = `${indent}  `;
    const isArray = Array.isArray(value);
    const members = isArray
      ? (value as unknown[]).map((item) => this.#value(item, deeper, about, isSent))
      : Object.entries(value).map(
          ([name, member]) => `${memberName(name)}: ${this.#value(member, deeper, name, isSent)}`,
        );
    const [open, close] = isArray ? ['[', ']'] : ['{', '}'];
    if (members.length === 0) return open + close;
    const line = isArray ? `[${members.join(', ')}]` : `{ ${members.join(', ')} }`;
    if (line.length < 80 && !line.includes('\n')) return line;
    return `${open}\n${members.map((member) => `${deeper}${member},\n`).join('')}${indent}${close}`;
  }

  #sent(value: string, about: string): string {
    const pieces = textPieces(value).flatMap((piece) => {
      if ('text' in piece) {
        return this.#secrets
          .pieces(piece.text, about)
          .map((part) => ('text' in part ? text(part.text) : `env('${part.variable}')`));
      }
      this.usesReplies = true;
      const [what, ...path] = readPath(piece.path) ?? [];
      // A step has a result or an error; a test goes on only with the result.
      const steps = what === 'result' ? path : [what ?? '', ...path];
      return `from(${[`replies[${piece.step - 1}]`, ...steps.map((step) => JSON.stringify(step)).map(escapeHidden)].join(', ')})`;
    });
    return pieces.length === 1 ? (pieces[0] ?? "''") : `[${pieces.join(', ')}].join('')`;
  }
}

function text(value: string): string {
  const quoted = escapeHidden(JSON.stringify(value));
  return value.includes("'") ? quoted : `'${quoted.slice(1, -1).replaceAll(String.raw`\"`, '"')}'`;
}

function memberName(name: string): string {
  if (name === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name);
}
