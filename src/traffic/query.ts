import type { WireSummary } from './wireRecord';

/** Tells whether a free text of the query, by its number in `texts`, is in the body of the message with that `seq`. */
export type BodyTest = (text: number, seq: number) => boolean;

/**
 * What a filter looks at: a record, the response of a request that has one, what is known of the bodies, and a message
 * that belongs to the request and may make up for a term that the exchange itself does not hold.
 */
export type QueryTest = (record: WireSummary, response?: WireSummary, inBody?: BodyTest, part?: WireSummary) => boolean;

/** What is wrong with a part of a filter. */
export interface QueryProblem {
  /** One sentence. */
  text: string;
  /** Where in the filter: from this character up to but not including `end`. */
  start: number;
  end: number;
}

/** A filter text, read. */
export interface Query {
  /** Whether every record matches, as with an empty text. */
  isEmpty: boolean;
  matches: QueryTest;
  /** One for each term that is left out. */
  problems: QueryProblem[];
  /** The free texts, as they were given; they are looked for in bodies too. */
  texts: readonly string[];
  /** What to mark in bodies: the free texts that are wanted, without what stands for any characters. */
  marks: readonly string[];
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
  { name: 'time', description: 'Time of day, e.g. 10:42, >10:42:07, 10:40..10:45' },
  { name: 'size', description: 'Bytes of request and response, e.g. >10k' },
  { name: 'tokens', description: 'Estimated tokens of request and response, e.g. >2k' },
  { name: 'era', description: 'legacy or modern' },
  { name: 'kind', description: 'request, response or notification' },
  { name: 'from', description: 'client or server' },
  { name: 'aws', description: 'AWS request made, e.g. s3.GetObject or lambda.*' },
  { name: 'account', description: 'AWS account of a request made' },
  { name: 'id', description: 'JSON-RPC id' },
];

/** A term of a filter, with where it stands. */
export interface QueryTerm {
  start: number;
  end: number;
  /** Where the value begins, its quote included. */
  valueStart: number;
  isNegated: boolean;
  /** Lower case; `undefined` for free text. */
  field: string | undefined;
  value: string;
}

/** What the values of a field are, where there are only a few. */
export const queryChoices: Readonly<Record<string, readonly string[]>> = {
  status: ['ok', 'error', 'pending', 'cancelled'],
  era: ['legacy', 'modern'],
  kind: ['request', 'response', 'notification'],
  from: ['client', 'server'],
};

const maxTerms = 50;

/**
 * Reads a filter such as `tool:lambda_* dur:>200 -status:ok "access denied"`. All terms must hold; `-` negates one; a
 * value may list alternatives with `|`, hold `*` and `?`, and stand in quotes. Free text is looked for in method,
 * target, client, server, session, id, note, the AWS requests made, and in bodies where those are searched. Case does not
 * matter. Never throws: what cannot be understood is left out and named in `problems`.
 * @param utcOffsetMinutes what the clock of the person is ahead of UTC; by default that of this machine.
 */
export function parseQuery(text: string, utcOffsetMinutes = -new Date().getTimezoneOffset()): Query {
  const problems: QueryProblem[] = [];
  const tests: QueryTest[] = [];
  const texts: string[] = [];
  const marks: string[] = [];
  for (const term of queryTerms(text).slice(0, maxTerms)) {
    const test = termTest(term, texts.length, utcOffsetMinutes);
    if (typeof test === 'string') {
      problems.push({ text: test, start: term.start, end: term.end });
      continue;
    }
    if (!test) continue;
    if (term.field === undefined) {
      texts.push(term.value);
      if (!term.isNegated) marks.push(...term.value.split(/[*?]+/).filter((part) => part.length > 1));
    }
    tests.push(
      term.isNegated
        ? (record, response, inBody) => !test(record, response, inBody)
        : (record, response, inBody, part) =>
            test(record, response, inBody) || (part !== undefined && test(part, undefined, inBody)),
    );
  }
  const [first, second] = tests;
  let matches: QueryTest;
  if (!first) matches = () => true;
  else if (!second) matches = first;
  else {
    matches = (record, response, inBody, part) => {
      for (const test of tests) if (!test(record, response, inBody, part)) return false;
      return true;
    };
  }
  return { isEmpty: first === undefined, matches, problems, texts, marks };
}

/** The terms of a filter: it is cut at white space outside quotes. */
export function queryTerms(text: string): QueryTerm[] {
  const terms: QueryTerm[] = [];
  const pattern = /(-?)(?:([A-Za-z]+):)?(?:"((?:[^"\\]|\\.)*)(?:"|$)|(\S*))(\s*)/gy;
  pattern.lastIndex = text.length - text.trimStart().length;
  while (pattern.lastIndex < text.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match || match[0] === '') break;
    const [whole, minus = '', field, quoted, bare = '', space = ''] = match;
    const isField = field !== undefined && isKnownField(field);
    const value = quoted === undefined ? bare : quoted.replaceAll(/\\(.)/g, '$1');
    // A word with a colon that names no field (`https://…`, `arn:aws:…`) is free text.
    terms.push({
      start,
      end: start + whole.length - space.length,
      valueStart: start + minus.length + (isField ? field.length + 1 : 0),
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
function termTest(
  { field, value, isNegated }: QueryTerm,
  text: number,
  utcOffsetMinutes: number,
): QueryTest | string | undefined {
  if (value === '') return undefined;
  switch (field) {
    case undefined: {
      if (value === '-' && !isNegated) return undefined;
      const contains = containsTest(value);
      // One for each, because most of them are what they were in the record before.
      const [ofMethod, ofTarget, ofClient, ofServer, ofSession, test] = Array.from({ length: 6 }, () =>
        remembering([contains]),
      ) as [TextTest, TextTest, TextTest, TextTest, TextTest, TextTest];
      // These are different nearly every time, so that remembering them would only cost.
      const testOnce = (text: string | undefined): boolean => text !== undefined && contains(text.toLowerCase());
      return (record, response, inBody) =>
        ofMethod(record.method) ||
        ofTarget(record.target) ||
        ofClient(record.client) ||
        ofServer(record.server) ||
        ofSession(record.session) ||
        testOnce(record.id) ||
        testOnce(record.note) ||
        (record.awsRequests?.some((aws) => test(`${aws.service}.${aws.operation}`) || testOnce(aws.requestId)) ??
          false) ||
        (inBody !== undefined && (inBody(text, record.seq) || (response !== undefined && inBody(text, response.seq))));
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
      return choiceField('status', value, (record) => record.status);
    case 'era':
      return choiceField('era', value, (record) => record.era);
    case 'kind':
      return choiceField('kind', value, (record) => record.kind);
    case 'from':
      return choiceField('from', value, (record) => (record.direction === 'clientToServer' ? 'client' : 'server'));
    case 'dur':
      return numberField('dur', value, durationUnits, (record) => record.durationMs);
    case 'time':
      return timeField(value, utcOffsetMinutes);
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
  read: (record: WireSummary) => string | undefined,
): QueryTest | string {
  const choices = queryChoices[name] ?? [];
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

const timePattern = /^(?:(\d{4})-(\d\d?)-(\d\d?)(?:[T ]|$))?(?:(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?$/i;
const dayMs = 86_400_000;

/** A span of time, from `start` up to but not including `end`: of any day, or of one day. */
interface TimeSpan {
  hasDate: boolean;
  start: number;
  end: number;
}

/** `10:42` is that minute, `10:42:07` that second, `2026-11-20` that day. */
function timeSpan(text: string, utcOffsetMinutes: number): TimeSpan | undefined {
  const match = timePattern.exec(text.trim());
  if (!match || match[0] === '') return undefined;
  const [, year, month, day, hours, minutes, seconds, fraction] = match;
  if (Number(hours ?? 0) > 23 || Number(minutes ?? 0) > 59 || Number(seconds ?? 0) > 59) return undefined;
  let length = dayMs;
  if (fraction !== undefined) length = 10 ** (3 - fraction.length);
  else if (seconds !== undefined) length = 1000;
  else if (hours !== undefined) length = 60_000;
  const date =
    year === undefined ? 0 : Date.UTC(Number(year), Number(month) - 1, Number(day)) - utcOffsetMinutes * 60_000;
  const start =
    date +
    Number(hours ?? 0) * 3_600_000 +
    Number(minutes ?? 0) * 60_000 +
    Number(seconds ?? 0) * 1000 +
    Number((fraction ?? '').padEnd(3, '0'));
  return { hasDate: year !== undefined, start, end: start + length };
}

function timeField(value: string, utcOffsetMinutes: number): QueryTest | string | undefined {
  const wrong = `time: takes a time of day or a date with >, >=, <, <= or a range such as 10:40..10:45, not "${value}".`;
  const span = (text: string): TimeSpan | undefined => timeSpan(text, utcOffsetMinutes);
  /** The record's time as the span counts it. */
  const given = ({ time }: WireSummary, { hasDate }: TimeSpan): number =>
    hasDate ? time : (((time + utcOffsetMinutes * 60_000) % dayMs) + dayMs) % dayMs;
  const [low, high, ...more] = value.split('..');
  if (high !== undefined) {
    const from = low === '' ? undefined : span(low ?? '');
    const to = high === '' ? undefined : span(high);
    if ((low !== '' && !from) || (high !== '' && !to) || more.length > 0) return wrong;
    return (record) =>
      (from === undefined || given(record, from) >= from.start) && (to === undefined || given(record, to) < to.end);
  }
  const comparison = /^(>=|<=|>|<|=)?(.*)$/s.exec(value);
  if (comparison?.[2] === '') return undefined;
  const limit = span(comparison?.[2] ?? '');
  if (!limit) return wrong;
  switch (comparison?.[1]) {
    case '>':
      return (record) => given(record, limit) >= limit.end;
    case '>=':
      return (record) => given(record, limit) >= limit.start;
    case '<':
      return (record) => given(record, limit) < limit.start;
    case '<=':
      return (record) => given(record, limit) < limit.end;
    case undefined:
    default:
      return (record) => given(record, limit) >= limit.start && given(record, limit) < limit.end;
  }
}

const comparisons: Readonly<Record<string, (given: number, limit: number) => boolean>> = {
  '>': (given, limit) => given > limit,
  '>=': (given, limit) => given >= limit,
  '<': (given, limit) => given < limit,
  '<=': (given, limit) => given <= limit,
  '=': (given, limit) => given === limit,
};

type TextTest = (text: string | undefined) => boolean;

/** Whether a text is as a whole one of the alternatives; `*` and `?` stand for any characters. */
function wholeTest(value: string): TextTest {
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
function remembering(tests: readonly ((lowerCaseText: string) => boolean)[]): TextTest {
  const remembered = new Map<string, boolean>();
  let last: string | undefined;
  let lastResult = false;
  return (text) => {
    if (text === last) return lastResult;
    if (text === undefined) return false;
    let result = remembered.get(text);
    if (result === undefined) {
      const lower = text.toLowerCase();
      result = tests.some((test) => test(lower));
      if (remembered.size < maxRemembered) remembered.set(text, result);
    }
    last = text;
    lastResult = result;
    return result;
  };
}

/**
 * Matches `*` and `?` without a regular expression, whose backtracking a pattern such as `*a*a*a*b` would make
 * endless. Takes at most length of text times length of pattern steps.
 */
export function globTest(pattern: string): (text: string) => boolean {
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
