import { canonicalJson, isRecord } from '../../core/json';

/** One value that is not the same in both templates. */
export interface ChangedValue {
  /** Where it stands, from the section on, e.g. `Resources.Queue.Properties.DelaySeconds`. */
  path: string;
  /** The deployed value; absent where there is none. */
  deployed?: unknown;
  /** The new value; absent where it is removed. */
  synthesized?: unknown;
}

/** What deploying one template over another would change, by section and logical id. */
export interface TemplateDifference {
  added: { path: string; type?: string }[];
  removed: { path: string; type?: string }[];
  changed: ChangedValue[];
  /** How many differences were left out because there were too many. */
  leftOut: number;
}

/** UTF-16 units that the JSON of all differences may take. */
const maxLength = 40_000;
const maxDepth = 100;
const maxValueLength = 400;

/**
 * Compares two templates as `cdk diff` does: without what CDK itself adds for its own purposes and what differs with each
 * build (metadata of paths and assets, the version check).
 * @param deployed the template that the stack was last deployed from.
 * @param synthesized the template as it is now.
 */
export function templateDifference(
  deployed: Readonly<Record<string, unknown>>,
  synthesized: Readonly<Record<string, unknown>>,
): TemplateDifference {
  const difference: Growing = { added: [], removed: [], changed: [], leftOut: 0, length: 0 };
  const [before, after] = [withoutNoise(deployed), withoutNoise(synthesized)];
  for (const section of namesOf(before, after)) {
    const [old, fresh] = [memberOf(before, section), memberOf(after, section)];
    if (isRecord(old ?? {}) && isRecord(fresh ?? {})) {
      compareMembers(
        section,
        (old ?? {}) as Record<string, unknown>,
        (fresh ?? {}) as Record<string, unknown>,
        difference,
      );
    } else compareValues(section, old, fresh, difference, 0);
  }
  const { length: _length, ...found } = difference;
  return found;
}

/** A difference while it is made, with the UTF-16 units that it takes so far. */
type Growing = TemplateDifference & { length: number };

function compareMembers(
  section: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  difference: Growing,
): void {
  for (const name of namesOf(before, after)) {
    const path = `${section}.${name}`;
    if (!Object.hasOwn(before, name)) note(difference, difference.added, { path, ...typeOf(after[name]) });
    else if (!Object.hasOwn(after, name)) note(difference, difference.removed, { path, ...typeOf(before[name]) });
    else compareValues(path, before[name], after[name], difference, 0);
  }
}

function compareValues(path: string, before: unknown, after: unknown, difference: Growing, depth: number): void {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return;
  if (isRecord(before) && isRecord(after) && depth < maxDepth) {
    for (const name of namesOf(before, after)) {
      compareValues(`${path}.${name}`, memberOf(before, name), memberOf(after, name), difference, depth + 1);
    }
    return;
  }
  note(difference, difference.changed, {
    path,
    ...(before === undefined ? {} : { deployed: shortened(before) }),
    ...(after === undefined ? {} : { synthesized: shortened(after) }),
  });
}

function note<T>(difference: Growing, list: T[], item: T): void {
  const length = JSON.stringify(item).length;
  if (difference.length + length > maxLength) {
    difference.leftOut++;
    return;
  }
  difference.length += length;
  list.push(item);
}

function withoutNoise(template: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { Resources, Rules, Parameters, ...rest } = template;
  return {
    ...rest,
    ...sectionWithout('Parameters', Parameters, (name) => name === 'BootstrapVersion'),
    ...sectionWithout('Rules', Rules, (name) => name === 'CheckBootstrapVersion'),
    ...sectionWithout('Resources', Resources, (_name, resource) => typeOf(resource).type === 'AWS::CDK::Metadata'),
  };
}

/** A section without the members that `isNoise` names, and the other members without CDK's metadata. */
function sectionWithout(
  name: string,
  section: unknown,
  isNoise: (name: string, member: unknown) => boolean,
): Record<string, unknown> {
  if (section === undefined) return {};
  if (!isRecord(section)) return { [name]: section };
  const members = Object.entries(section)
    .filter(([member, value]) => !isNoise(member, value))
    .map(([member, value]) => [member, withoutCdkMetadata(value)] as const);
  return members.length === 0 ? {} : { [name]: Object.fromEntries(members) };
}

function withoutCdkMetadata(resource: unknown): unknown {
  if (!isRecord(resource) || !isRecord(resource['Metadata'])) return resource;
  const { Metadata: metadata, ...rest } = resource;
  const kept = Object.entries(metadata).filter(([name]) => !/^aws:(?:cdk|asset):/.test(name));
  return kept.length === 0 ? rest : { ...rest, Metadata: Object.fromEntries(kept) };
}

function namesOf(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

function memberOf(record: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function typeOf(resource: unknown): { type?: string } {
  const type = isRecord(resource) ? resource['Type'] : undefined;
  return typeof type === 'string' ? { type } : {};
}

function shortened(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text.length <= maxValueLength ? value : `${text.slice(0, maxValueLength)}…`;
}
