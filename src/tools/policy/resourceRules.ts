import {
  everyArn,
  matchesAllFrom,
  matchesGlob,
  matchesSomeFrom,
  patternProblem,
  splitArn,
  type Arn,
} from './arnPattern';

/**
 * What a call touches: one resource by its whole ARN, or all whose ARNs begin with a text, as when keys are listed by
 * prefix, or a stack is named without its id.
 */
export type TouchedResource = string | { readonly arnPrefix: string };

/** Which resources calls may touch, as ARNs with `*` and `?`. A pattern covers what lies below it too. */
export interface ResourceRules {
  /** Empty: every resource that is not denied. */
  allow: readonly string[];
  deny: readonly string[];
}

/** Why rules refuse a resource. */
export type ResourceRefusal =
  | { kind: 'denied'; pattern: string }
  | { kind: 'notAllowed' }
  /** An access point, which may lead to a bucket that a pattern denies. */
  | { kind: 'indirect'; pattern: string }
  /** A pattern that denies is no pattern, so what it was to deny is not known. */
  | { kind: 'unusablePattern'; pattern: string; problem: string }
  /** Nobody can tell what it is. */
  | { kind: 'unknown' };

/** A touched resource taken apart: `isOpen` where its resource part is only how it begins. */
interface Touched {
  arn: Arn;
  isOpen: boolean;
}

/**
 * Decides whether rules let a call touch a resource. Where there is doubt, more is denied and less is allowed: denying
 * ignores case, partition and empty parts, allowing does not.
 * @returns `undefined` where it may.
 */
export function refuseResource(rules: ResourceRules, touched: TouchedResource): ResourceRefusal | undefined {
  if (rules.allow.length === 0 && rules.deny.length === 0) return undefined;
  for (const pattern of rules.deny) {
    const problem = patternProblem(pattern);
    if (problem !== undefined) return { kind: 'unusablePattern', pattern, problem };
  }
  const forms = formsOf(touched);
  if (forms.length === 0) return { kind: 'unknown' };
  for (const form of forms) {
    const pattern = rules.deny.find((each) => denies(each, form));
    if (pattern !== undefined) return { kind: 'denied', pattern };
    if (rules.allow.some((each) => allows(each, form))) continue;
    if (rules.allow.length > 0) return { kind: 'notAllowed' };
    const hidden = isAccessPoint(form.arn) ? rules.deny.find(isAboutBuckets) : undefined;
    if (hidden !== undefined) return { kind: 'indirect', pattern: hidden };
  }
  return undefined;
}

/** The resource as text for people and records: `…*` where it is only how ARNs begin. */
export function showResource(touched: TouchedResource): string {
  return typeof touched === 'string' ? touched : `${touched.arnPrefix}*`;
}

/** What separates a resource from what lies below it: qualifiers of functions, keys of buckets, ids of stacks. */
const separators = ['/', ':'];

function allows(pattern: string, { arn, isOpen }: Touched): boolean {
  if (patternProblem(pattern) !== undefined) return false;
  const wanted = splitArn(pattern === '*' ? everyArn : pattern);
  if (!wanted) return false;
  for (const part of ['partition', 'service', 'region', 'account'] as const) {
    if (!matchesGlob(wanted[part].toLowerCase(), arn[part].toLowerCase())) return false;
  }
  const matches = isOpen ? matchesAllFrom : matchesGlob;
  const { resource } = wanted;
  return [resource, ...separators.map((separator) => `${resource}${separator}*`)].some((each) =>
    matches(each, arn.resource),
  );
}

function denies(pattern: string, { arn, isOpen }: Touched): boolean {
  const wanted = splitArn(pattern === '*' ? everyArn : pattern);
  if (!wanted) return true;
  for (const part of ['service', 'region', 'account'] as const) {
    if (wanted[part] === '' || arn[part] === '') continue;
    if (!matchesGlob(wanted[part].toLowerCase(), arn[part].toLowerCase())) return false;
  }
  const matches = isOpen ? matchesSomeFrom : matchesGlob;
  const resource = wanted.resource.toLowerCase();
  // Whoever denies what is below something means the thing itself as well.
  const itself = /^(.+)[/:]\*$/.exec(resource)?.[1] ?? resource;
  return [resource, itself, ...separators.map((separator) => `${itself}${separator}*`)].some((each) =>
    matches(each, arn.resource.toLowerCase()),
  );
}

function isAccessPoint({ service, resource }: Arn): boolean {
  return /^s3($|-|express)/i.test(service) && /(^|\/)accesspoint\//.test(resource);
}

function isAboutBuckets(pattern: string): boolean {
  const parts = splitArn(pattern === '*' ? everyArn : pattern);
  return parts !== undefined && matchesGlob(parts.service.toLowerCase(), 's3') && !isAccessPoint(parts);
}

const maxDecodings = 3;

/**
 * All forms in which one and the same resource may be named. AWS takes keys as they are, but what stands before other
 * S3-compatible stores may decode them or resolve dots, so every form must be allowed.
 */
function formsOf(touched: TouchedResource): Touched[] {
  const isOpen = typeof touched !== 'string';
  const arn = splitArn(isOpen ? touched.arnPrefix : touched);
  if (!arn || arn.service === '' || (arn.resource === '' && !isOpen)) return [];
  // `accesspoint:name` is what some APIs take for `accesspoint/name`.
  const resource = arn.resource.replace(/(^|[/:])accesspoint:/, '$1accesspoint/');
  const texts = new Set([resource]);
  if (arn.service.startsWith('s3')) {
    let decoded = resource;
    for (let round = 0; round < maxDecodings; round++) {
      decoded = decodeLoosely(decoded);
      texts.add(decoded);
    }
    for (const text of texts) texts.add(resolveDots(text));
  }
  return [...texts].map((text) => ({ arn: { ...arn, resource: text }, isOpen }));
}

/** Percent escapes decoded where they are UTF-8; others stay. */
function decodeLoosely(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

/** A key as a file system would understand it, its bucket kept. */
function resolveDots(resource: string): string {
  const [bucket = '', ...segments] = resource.replaceAll('\\', '/').split('/');
  if (!segments.some((segment, index) => segment === '.' || segment === '..' || (segment === '' && index > 0))) {
    return resource;
  }
  const resolved: string[] = [];
  segments.forEach((segment, index) => {
    if (segment === '..') resolved.pop();
    else if (segment !== '.' && (segment !== '' || index === segments.length - 1)) resolved.push(segment);
  });
  return [bucket, ...resolved].join('/');
}
