import type { Tool } from '../tool';
import { everyArn, joinArn, patternContains, patternProblem, patternsMeet, splitArn, type Arn } from './arnPattern';
import type { ResourceRules } from './resourceRules';

/** One statement of an IAM policy. */
export interface IamStatement {
  Effect: 'Allow' | 'Deny';
  Action: string[];
  Resource: string[];
  Condition?: { StringLike: { 's3:prefix': string[] } };
}

/** An IAM policy. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export interface IamPolicyDocument {
  Version: '2012-10-17';
  Statement: IamStatement[];
}

/** The largest managed policy that IAM takes, in characters without white space. */
export const maxIamPolicyCharacters = 6144;

/** What separates a resource from what lies below it, where that is not a slash. */
const separators: Readonly<Record<string, string>> = { lambda: ':', logs: ':' };

/** On what an action is allowed. */
interface Scope {
  resources: string[];
  /** Patterns of keys that may be listed. */
  prefixes?: string[];
}

/**
 * Makes the least that a role must allow so that `tools` work on what `rules` let them touch: their actions, limited to
 * the patterns that are allowed wherever IAM can limit them, and what is denied denied there too.
 * @param rules as in force; without any allowed pattern, every resource of the kinds that the tools act on.
 * @param partition `aws`, `aws-cn`, `aws-us-gov`, …
 * @returns policies of at most 6,144 characters, to be attached together; none where the tools need no permission.
 */
export function iamPolicyFor(
  tools: readonly Tool[],
  rules: readonly ResourceRules[],
  partition: string,
): IamPolicyDocument[] {
  const forms = new Map<string, Set<string>>();
  for (const { iamActions, iamResources } of tools) {
    for (const action of iamActions) {
      const known = forms.get(action) ?? new Set();
      for (const form of iamResources?.[action] ?? []) known.add(form);
      forms.set(action, known);
    }
  }
  const allowed = commonPatterns(rules.map(({ allow }) => allow).filter((patterns) => patterns.length > 0));
  const actions = new Map<string, { scope: Scope; actions: string[] }>();
  for (const [action, of] of [...forms].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const scopes = of.size === 0 ? [{ resources: ['*'] }] : scopesOf([...of], allowed, partition);
    for (const scope of scopes) {
      const key = JSON.stringify(scope);
      const same = actions.get(key);
      if (same) same.actions.push(action);
      else actions.set(key, { scope, actions: [action] });
    }
  }
  const statements = [...actions.values()].map(({ scope, actions: Action }): IamStatement => {
    const { resources: Resource, prefixes } = scope;
    const statement: IamStatement = { Effect: 'Allow', Action, Resource };
    return prefixes ? { ...statement, Condition: { StringLike: { 's3:prefix': prefixes } } } : statement;
  });
  if (statements.length === 0) return [];
  const denied = denyStatements([...forms], [...new Set(rules.flatMap(({ deny }) => deny))], partition);
  return packed([...statements, ...denied]);
}

/** Patterns for what every list allows; `undefined` where there is no list. */
function commonPatterns(lists: readonly (readonly string[])[]): string[] | undefined {
  const [first, ...others] = lists.map((list) => list.filter((pattern) => patternProblem(pattern) === undefined));
  if (!first) return undefined;
  return others.reduce<string[]>(
    (common, list) =>
      common.flatMap((pattern) => {
        const arn = whole(pattern);
        if (list.some((other) => patternContains(whole(other), arn))) return [pattern];
        return list.filter((other) => patternsMeet(whole(other), arn));
      }),
    first,
  );
}

function whole(pattern: string): string {
  return pattern === '*' ? everyArn : pattern;
}

function scopesOf(forms: readonly string[], allowed: readonly string[] | undefined, partition: string): Scope[] {
  if (!allowed) return [{ resources: forms.map((form) => inPartition(form, partition)).sort() }];
  const unlimited = new Set<string>();
  const byPrefix = new Map<string, Set<string>>();
  for (const form of forms) {
    for (const pattern of allowed) {
      for (const { resource, prefixes } of meetingsOf(form, pattern, partition)) {
        if (!prefixes) unlimited.add(resource);
        else byPrefix.set(resource, new Set([...(byPrefix.get(resource) ?? []), ...prefixes]));
      }
    }
  }
  const scopes: Scope[] = [];
  if (unlimited.size > 0) scopes.push({ resources: withoutCovered([...unlimited]) });
  for (const [resource, prefixes] of byPrefix) {
    if ([...unlimited].some((wide) => patternContains(wide, resource))) continue;
    scopes.push({ resources: [resource], prefixes: [...prefixes].sort() });
  }
  return scopes;
}

function inPartition(form: string, partition: string): string {
  const arn = splitArn(form);
  return arn ? joinArn({ ...arn, partition }) : form;
}

/** What IAM calls the resources that both a tool's form and an allowed pattern name. */
function meetingsOf(form: string, pattern: string, partition: string): { resource: string; prefixes?: string[] }[] {
  const wanted = splitArn(form);
  const given = splitArn(whole(pattern));
  if (!wanted || !given || !patternsMeet(given.partition, partition)) return [];
  const isAccessPoint = wanted.service === 's3' && given.resource.startsWith('accesspoint/');
  for (const part of ['service', 'region', 'account'] as const) {
    if (!isAccessPoint && !patternsMeet(given[part], wanted[part])) return [];
    if (!isAccessPoint && given[part] === '' && wanted[part] !== '') return [];
  }
  const of = (resource: string): string => {
    const own = (part: 'region' | 'account'): string => (wanted[part] === '' && !isAccessPoint ? '' : given[part]);
    const arn: Arn = { partition, service: wanted.service, region: own('region'), account: own('account'), resource };
    return joinArn(arn);
  };
  if (wanted.service === 's3') return meetingsInS3(wanted, given, isAccessPoint).map(withArn(of));
  const separator = separators[wanted.service] ?? '/';
  const { resource } = given;
  const below = resource.endsWith('*') ? [] : [`${resource}${separator}*`];
  return [resource, ...below]
    .filter((each) => patternsMeet(each, wanted.resource))
    .map((each) => ({ resource: of(patternContains(each, wanted.resource) ? wanted.resource : each) }));
}

function withArn(of: (resource: string) => string) {
  return ({ resource, prefixes }: { resource: string; prefixes?: string[] }) => ({
    resource: of(resource),
    ...(prefixes ? { prefixes } : {}),
  });
}

/** Buckets, whose listing is limited by a condition, and objects. */
function meetingsInS3(wanted: Arn, given: Arn, isAccessPoint: boolean): { resource: string; prefixes?: string[] }[] {
  const isAboutObjects = wanted.resource.includes('/');
  // accesspoint/<name>/object/<key>
  const parts = given.resource.split('/');
  const top = isAccessPoint ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
  const keys = parts.slice(isAccessPoint ? 3 : 1).join('/');
  const object = isAccessPoint ? `${top}/object` : top;
  const isWhole = keys === '' || keys === '*';
  const patterns = keys.endsWith('*') ? [keys] : [keys, `${keys}/*`];
  if (isAboutObjects) {
    return isWhole ? [{ resource: `${object}/*` }] : patterns.map((key) => ({ resource: `${object}/${key}` }));
  }
  return isWhole ? [{ resource: top }] : [{ resource: top, prefixes: patterns }];
}

/** Leaves out what another one covers; of several that say the same (`*` and `**`), the first stays. */
function withoutCovered(resources: readonly string[]): string[] {
  const distinct = [...new Set(resources)].sort();
  return distinct.filter(
    (narrow, index) =>
      !distinct.some(
        (wide, other) =>
          other !== index && patternContains(wide, narrow) && (other < index || !patternContains(narrow, wide)),
      ),
  );
}

function denyStatements(
  forms: readonly (readonly [string, ReadonlySet<string>])[],
  deny: readonly string[],
  partition: string,
): IamStatement[] {
  const byActions = new Map<string, { Action: string[]; resources: string[] }>();
  for (const pattern of deny) {
    const given = splitArn(whole(pattern));
    if (!given || patternProblem(pattern) !== undefined || !patternsMeet(given.partition, partition)) continue;
    const concerned = forms.flatMap(([action, of]) =>
      [...of].some((form) => patternsMeet(splitArn(form)?.service ?? '', given.service)) ? [action] : [],
    );
    if (concerned.length === 0) continue;
    const Action = concerned.sort();
    const arn = joinArn({ ...given, partition });
    const separator = separators[given.service] ?? '/';
    const resources = arn.endsWith('*') ? [arn] : [arn, `${arn}${separator}*`];
    const key = Action.join();
    byActions.set(key, { Action, resources: [...(byActions.get(key)?.resources ?? []), ...resources] });
  }
  return [...byActions.values()].map(({ Action, resources }) => ({
    Effect: 'Deny',
    Action,
    Resource: withoutCovered(resources),
  }));
}

/** Puts statements into as few policies as the limit of their size lets. */
function packed(statements: readonly IamStatement[]): IamPolicyDocument[] {
  const documents: IamPolicyDocument[] = [];
  for (const statement of statements.flatMap(fitting)) {
    const last = documents.at(-1);
    const together = last && { ...last, Statement: [...last.Statement, statement] };
    if (together && fits(together)) documents[documents.length - 1] = together;
    else documents.push({ Version: '2012-10-17', Statement: [statement] });
  }
  return documents;
}

function fits(document: IamPolicyDocument): boolean {
  return JSON.stringify(document).length <= maxIamPolicyCharacters;
}

/** A statement, or the halves of one that is too large for a policy of its own. */
function fitting(statement: IamStatement): IamStatement[] {
  if (fits({ Version: '2012-10-17', Statement: [statement] })) return [statement];
  const field = statement.Resource.length > 1 ? 'Resource' : 'Action';
  const list = statement[field];
  const middle = Math.ceil(list.length / 2);
  if (middle === list.length) return splitPrefixes(statement);
  return [list.slice(0, middle), list.slice(middle)].flatMap((half) => fitting({ ...statement, [field]: half }));
}

function splitPrefixes(statement: IamStatement): IamStatement[] {
  const prefixes = statement.Condition?.StringLike['s3:prefix'] ?? [];
  const middle = Math.ceil(prefixes.length / 2);
  // A single pattern of two thousand characters fits.
  if (middle >= prefixes.length) return [statement];
  return [prefixes.slice(0, middle), prefixes.slice(middle)].flatMap((half) =>
    fitting({ ...statement, Condition: { StringLike: { 's3:prefix': half } } }),
  );
}
