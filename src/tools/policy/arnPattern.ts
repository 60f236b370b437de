/** The parts of an ARN. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export interface Arn {
  partition: string;
  service: string;
  region: string;
  account: string;
  /** Everything behind the fifth colon. */
  resource: string;
}

/** Takes an ARN, or a pattern of ARNs, apart; `undefined` for text that has not the six parts of one. */
export function splitArn(text: string): Arn | undefined {
  const [head, partition, service, region, account, ...resource] = text.split(':');
  if (head !== 'arn' || partition === undefined || service === undefined) return undefined;
  if (region === undefined || account === undefined || resource.length === 0) return undefined;
  return { partition, service, region, account, resource: resource.join(':') };
}

/** Puts the parts together again. */
export function joinArn({ partition, service, region, account, resource }: Arn): string {
  return ['arn', partition, service, region, account, resource].join(':');
}

/** The pattern that covers every ARN. */
export const everyArn = 'arn:*:*:*:*:*';

/**
 * Says what is wrong with a pattern as IAM policies have them: an ARN in which `*` stands for any text and `?` for one
 * character within a part, or `*` alone.
 * @returns a sentence, or `undefined` for one that can be used.
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern === '*') return undefined;
  if (pattern.length > 2048) return 'It is longer than 2,048 characters.';
  const parts = splitArn(pattern);
  if (!parts) return 'It is no ARN: those have six parts with colons between them, such as arn:aws:s3:::my-bucket/*.';
  const { partition, service, resource } = parts;
  if (partition === '' || service === '' || resource === '') return 'It names no partition, service or resource.';
  return undefined;
}

/** The states of `pattern` in which it can be once it has taken all of `text`; `pattern.length` is its end. */
function statesAfter(pattern: string, text: string): Set<number> {
  const withStars = (states: Iterable<number>): Set<number> => {
    const all = new Set<number>();
    for (let state of states) {
      all.add(state);
      while (pattern[state] === '*') all.add(++state);
    }
    return all;
  };
  let states = withStars([0]);
  for (let index = 0; index < text.length; index++) {
    const next: number[] = [];
    for (const state of states) {
      const expected = pattern[state];
      if (expected === '*') next.push(state);
      else if (expected === '?' || expected === text[index]) next.push(state + 1);
    }
    if (next.length === 0) return new Set();
    states = withStars(next);
  }
  return states;
}

/** Whether a pattern with `*` and `?` matches the whole of `text`. Takes time in proportion to both lengths. */
export function matchesGlob(pattern: string, text: string): boolean {
  return statesAfter(pattern, text).has(pattern.length);
}

/** Whether a pattern matches every text that begins with `prefix`. */
export function matchesAllFrom(pattern: string, prefix: string): boolean {
  return pattern.endsWith('*') && matchesGlob(pattern, prefix);
}

/** Whether a pattern matches any text that begins with `prefix`. */
export function matchesSomeFrom(pattern: string, prefix: string): boolean {
  return statesAfter(pattern, prefix).size > 0;
}

/** Whether some text is matched by both patterns. */
export function patternsMeet(left: string, right: string): boolean {
  const seen = new Set<number>();
  const width = right.length + 1;
  const open = [0];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    if (seen.has(pair)) continue;
    seen.add(pair);
    const at = Math.floor(pair / width);
    const on = pair % width;
    if (at === left.length && on === right.length) return true;
    const expected = left[at];
    const other = right[on];
    if (expected === '*') open.push((at + 1) * width + on);
    if (other === '*') open.push(at * width + on + 1);
    if (expected === '*' && other !== undefined && other !== '*') open.push(at * width + on + 1);
    if (other === '*' && expected !== undefined && expected !== '*') open.push((at + 1) * width + on);
    if (expected !== undefined && other !== undefined && expected !== '*' && other !== '*') {
      if (expected === other || expected === '?' || other === '?') open.push((at + 1) * width + on + 1);
    }
  }
  return false;
}

/** Whether whatever `narrow` matches is matched by `wide` too, as far as that can be told from their texts. */
export function patternContains(wide: string, narrow: string): boolean {
  // A star of the narrow one is taken for a character that only a star of the wide one can take.
  return matchesGlob(wide.replaceAll('?', narrow.includes('*') ? '\u0000' : '?'), narrow);
}
