import type { WireSummary } from './wireRecord';

/** What a filter looks at: a record, and the response of a request that has one. */
export type QueryTest = (record: WireSummary, response?: WireSummary) => boolean;

/** A filter text, read. */
export interface Query {
  /** Whether every record matches, as with an empty text. */
  isEmpty: boolean;
  matches: QueryTest;
  /** What is wrong with the text, one sentence for each term that is left out. */
  problems: string[];
}

/** What a person may write before the colon, with what it looks at; also what completion offers. */
export const queryFields: readonly { name: string; description: string }[] = [
  { name: 'method', description: 'JSON-RPC method, e.g. tools/call' },
  { name: 'tool', description: 'Tool of a call, e.g. lambda_*' },
  { name: 'target', description: 'Tool, prompt or resource' },
  { name: 'client', description: 'Name of the client' },
  { name: 'server', description: 'Name of the server' },
  { name: 'session', description: 'Label of the session' },
  { name: 'status', description: 'ok, error, pending or cancelled' },
  { name: 'dur', description: 'Duration, e.g. >200, <1.5s, 100..500' },
  { name: 'size', description: 'Bytes of request and response, e.g. >10k' },
  { name: 'tokens', description: 'Estimated tokens of request and response, e.g. >2k' },
  { name: 'era', description: 'legacy or modern' },
  { name: 'kind', description: 'request, response or notification' },
  { name: 'from', description: 'client or server' },
  { name: 'aws', description: 'AWS request made, e.g. s3.GetObject or lambda.*' },
  { name: 'account', description: 'AWS account of a request made' },
  { name: 'id', description: 'JSON-RPC id' },
];

interface Term {
  isNegated: boolean;
  /** Lower case; `undefined` for free text. */
  field: string | undefined;
  value: string;
}

const statuses = ['ok', 'error', 'pending', 'cancelled'];
const maxTerms = 50;

/**
 * Reads a filter such as `tool:lambda_* dur:>200 -status:ok "access denied"`. All terms must hold; `-` negates one; a
 * value may list alternatives with `|`, hold `*` and `?`, and stand in quotes. Free text is looked for in method,
 * target, client, server, session, id, note and the AWS requests made. Case does not matter. Never throws: what cannot be
 * understood is left out and named in `problems`.
 */
export function parseQuery(text: string): Query {
  const problems: string[] = [];
  const tests: QueryTest[] = [];
  for (const term of splitTerms(text).slice(0, maxTerms)) {
    const test = termTest(term);
    if (typeof test === 'string') problems.push(test);
    else if (test) tests.push(term.isNegated ? (record, response) => !test(record, response) : test);
  }
  const [first, second] = tests;
  let matches: QueryTest;
  if (!first) matches = () => true;
  else if (!second) matches = first;
  else matches = (record, response) => tests.every((test) => test(record, response));
  return { isEmpty: first === undefined, matches, problems };
}

/** Cuts at white space outside quotes. */
function splitTerms(text: string): Term[] {
  const terms: Term[] = [];
  const pattern = /(-?)(?:([A-Za-z]+):)?(?:"((?:[^"\\]|\\.)*)(?:"|$)|(\S*))\s*/gy;
  pattern.lastIndex = text.length - text.trimStart().length;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match || match[0] === '') break;
    const [, minus, field, quoted, bare = ''] = match;
    const isField = field !== undefined && isKnownField(field);
    const value = quoted === undefined ? bare : quoted.replaceAll(/\\(.)/g, '$1');
    // A word with a colon that names no field (`https://…`, `arn:aws:…`) is free text.
    terms.push({
      isNegated: minus === '-',
      field: isField ? field.toLowerCase() : undefined,
      value: field === undefined || isField ? value : `${field}:${value}`,
    });
  }
  return terms;
}

function isKnownField(name: string): boolean {
  const lower = name.toLowerCase();
  return queryFields.some((field) => field.name === lower);
}

/** The test of one term; a sentence where it makes no sense; nothing where it is still empty, as while typing. */
function termTest({ field, value, isNegated }: Term): QueryTest | string | undefined {
  if (value === '') return undefined;
  switch (field) {
    case undefined: {
      if (value === '-' && !isNegated) return undefined;
      const contains = containsTest(value);
      const test = remembering([contains]);
      // These are different nearly every time, so that remembering them would only cost.
      const testOnce = (text: string | undefined): boolean => text !== undefined && contains(text.toLowerCase());
      return (record) =>
        test(record.method) ||
        test(record.target) ||
        test(record.client) ||
        test(record.server) ||
        test(record.session) ||
        testOnce(record.id) ||
        testOnce(record.note) ||
        (record.awsRequests?.some((aws) => test(`${aws.service}.${aws.operation}`) || testOnce(aws.requestId)) ??
          false);
    }
    case 'method':
      return textField(value, (record) => record.method);
    case 'tool':
      return textField(value, (record) => (record.method === 'tools/call' ? record.target : undefined));
    case 'target':
      return textField(value, (record) => record.target);
    case 'client':
      return textField(value, (record) => record.client);
    case 'server':
      return textField(value, (record) => record.server);
    case 'session':
      return textField(value, (record) => record.session);
    case 'id':
      return textField(value, (record) => record.id);
    case 'status':
      return choiceField('status', value, statuses, (record) => record.status);
    case 'era':
      return choiceField('era', value, ['legacy', 'modern'], (record) => record.era);
    case 'kind':
      return choiceField('kind', value, ['request', 'response', 'notification'], (record) => record.kind);
    case 'from':
      return choiceField('from', value, ['client', 'server'], (record) =>
        record.direction === 'clientToServer' ? 'client' : 'server',
      );
    case 'dur':
      return numberField('dur', value, durationUnits, (record) => record.durationMs);
    case 'size':
      return numberField('size', value, sizeUnits, (record, response) => record.bytes + (response?.bytes ?? 0));
    case 'tokens':
      return numberField('tokens', value, countUnits, (record, response) => record.tokens + (response?.tokens ?? 0));
    case 'aws': {
      const test = wholeTest(value);
      const serviceTest = value.includes('.') ? undefined : test;
      return (record) =>
        record.awsRequests?.some((aws) => test(`${aws.service}.${aws.operation}`) || serviceTest?.(aws.service)) ??
        false;
    }
    case 'account': {
      const test = wholeTest(value);
      return (record) => record.awsRequests?.some((aws) => test(aws.account)) ?? false;
    }
    default:
      return undefined;
  }
}

function textField(value: string, read: (record: WireSummary) => string | undefined): QueryTest {
  const test = wholeTest(value);
  return (record) => test(read(record));
}

function choiceField(
  name: string,
  value: string,
  choices: readonly string[],
  read: (record: WireSummary) => string | undefined,
): QueryTest | string {
  const wanted = new Set<string>();
  for (const alternative of value.toLowerCase().split('|').filter(Boolean)) {
    const found = choices.filter((choice) => choice.startsWith(alternative));
    if (found.length === 0) return `${name}: takes ${choices.join(', ')}, not "${alternative}".`;
    for (const choice of found) wanted.add(choice);
  }
  return (record) => wanted.has(read(record) ?? '');
}

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000 };
const sizeUnits: Readonly<Record<string, number>> = { b: 1, k: 1024, kb: 1024, m: 1024 ** 2, mb: 1024 ** 2 };
const countUnits: Readonly<Record<string, number>> = { k: 1000, m: 1_000_000 };

function numberField(
  name: string,
  value: string,
  units: Readonly<Record<string, number>>,
  read: (record: WireSummary, response?: WireSummary) => number | undefined,
): QueryTest | string | undefined {
  const number = (text: string): number | undefined => {
    const match = /^(\d+(?:\.\d+)?|\.\d+)([a-z]*)$/i.exec(text.trim());
    if (!match?.[1]) return undefined;
    const unit = match[2] === '' ? 1 : units[(match[2] ?? '').toLowerCase()];
    return unit === undefined ? undefined : Number(match[1]) * unit;
  };
  const wrong = `${name}: takes a number with >, >=, <, <= or a range such as 100..500, not "${value}".`;
  const [low, high, ...more] = value.split('..');
  if (high !== undefined) {
    const least = low === '' ? 0 : number(low ?? '');
    const most = high === '' ? Infinity : number(high);
    if (least === undefined || most === undefined || more.length > 0) return wrong;
    return (record, response) => {
      const given = read(record, response);
      return given !== undefined && given >= least && given <= most;
    };
  }
  const comparison = /^(>=|<=|>|<|=)?(.*)$/s.exec(value);
  if (comparison?.[2] === '') return undefined;
  const limit = number(comparison?.[2] ?? '');
  if (limit === undefined) return wrong;
  const compare = comparisons[comparison?.[1] ?? '='];
  return (record, response) => {
    const given = read(record, response);
    return given !== undefined && compare !== undefined && compare(given, limit);
  };
}

const comparisons: Readonly<Record<string, (given: number, limit: number) => boolean>> = {
  '>': (given, limit) => given > limit,
  '>=': (given, limit) => given >= limit,
  '<': (given, limit) => given < limit,
  '<=': (given, limit) => given <= limit,
  '=': (given, limit) => given === limit,
};

/** Whether a text is as a whole one of the alternatives; `*` and `?` stand for any characters. */
function wholeTest(value: string): (text: string | undefined) => boolean {
  return remembering(
    value
      .split('|')
      .filter(Boolean)
      .map((part) => globTest(part.toLowerCase())),
  );
}

/** Whether a text in lower case has the value in it. */
function containsTest(value: string): (lowerCaseText: string) => boolean {
  const lower = value.toLowerCase();
  return /[*?]/.test(lower) ? globTest(`*${lower}*`) : (text) => text.includes(lower);
}

const maxRemembered = 2000;

/**
 * The same few methods, tools and clients come again and again, so each text is looked at once; that is what keeps a
 * filter over 100,000 records within a few milliseconds.
 */
function remembering(tests: readonly ((lowerCaseText: string) => boolean)[]): (text: string | undefined) => boolean {
  const remembered = new Map<string, boolean>();
  return (text) => {
    if (text === undefined) return false;
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const lower = text.toLowerCase();
    const result = tests.some((test) => test(lower));
    if (remembered.size < maxRemembered) remembered.set(text, result);
    return result;
  };
}

/**
 * Matches `*` and `?` without a regular expression, whose backtracking a pattern such as `*a*a*a*b` would make
 * endless. Takes at most length of text times length of pattern steps.
 */
function globTest(pattern: string): (text: string) => boolean {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  return (text) => {
    let at = 0;
    let inPattern = 0;
    let star = -1;
    let starAt = 0;
    while (at < text.length) {
      const wanted = pattern[inPattern];
      if (wanted === '*') {
        star = inPattern++;
        starAt = at;
      } else if (wanted !== undefined && (wanted === '?' || wanted === text[at])) {
        inPattern += 1;
        at += 1;
      } else if (star >= 0) {
        inPattern = star + 1;
        at = ++starAt;
      } else {
        return false;
      }
    }
    while (pattern[inPattern] === '*') inPattern += 1;
    return inPattern === pattern.length;
  };
}
