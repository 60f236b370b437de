import { isRecord } from '../../core/json';

/** Where the names come from that complete a variable of a URI or an argument of a prompt: one list tool. */
export interface NameSource {
  /** Name of the list tool. */
  tool: string;
  /**
   * The arguments that list what begins with `prefix`, or more than that.
   * @param others what the person has filled in already, by variable or argument.
   * @returns `undefined` where something else must be filled in first.
   */
  toArguments(prefix: string, others: Readonly<Record<string, string>>): Record<string, unknown> | undefined;
  /** The names in the tool's output, in its order. */
  toNames(output: Readonly<Record<string, unknown>>): string[];
}

/** How many names are asked for: one answer holds at most a hundred (MCP, completion), and one more says so. */
const limit = 101;

/** Names of stacks. */
export const stackNames: NameSource = {
  tool: 'cloudformation_list_stacks',
  toArguments: (prefix) => ({ limit, ...(prefix === '' ? {} : { nameContains: prefix }) }),
  toNames: (output) => membersOf(output['stackSummaries'], 'stackName'),
};

/** Names of functions. */
export const functionNames: NameSource = {
  tool: 'lambda_list_functions',
  toArguments: (prefix) => ({ limit, ...(prefix === '' ? {} : { nameContains: prefix }) }),
  toNames: (output) => membersOf(output['functions'], 'functionName'),
};

/** Names of buckets. */
export const bucketNames: NameSource = {
  tool: 's3_list_buckets',
  toArguments: (prefix) => ({ limit, ...(prefix === '' ? {} : { prefix }) }),
  toNames: (output) => membersOf(output['buckets'], 'name'),
};

/** Keys of a bucket, one level at a time: what ends in a slash can be completed further. */
export const objectKeys: NameSource = {
  tool: 's3_list_objects',
  toArguments: (prefix, { bucket }) =>
    bucket === undefined || bucket === ''
      ? undefined
      : { bucket, delimiter: '/', limit, ...(prefix === '' ? {} : { prefix }) },
  toNames: (output) => [...membersOf(output['commonPrefixes'], 'prefix'), ...membersOf(output['contents'], 'key')],
};

function membersOf(list: unknown, member: string): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    const name = isRecord(item) ? item[member] : undefined;
    return typeof name === 'string' && name !== '' ? [name] : [];
  });
}
