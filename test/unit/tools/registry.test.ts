import assert from 'node:assert/strict';
import * as z from 'zod';
import { ToolRegistry } from '../../../src/tools/registry';
import { defineAwsTool, defineWorkspaceTool, type AwsTool, type Tool } from '../../../src/tools/tool';

type Declaration = Omit<AwsTool, 'scope'>;

const declaration: Declaration = {
  name: 's3_list_things',
  title: 'List things',
  description: 'Lists things. Use it to find one.',
  toolset: 's3',
  access: 'read',
  openWorld: false,
  iamActions: ['s3:ListAllMyBuckets'],
  input: z.object({ prefix: z.string().optional().describe('Begins with this.') }),
  output: z.object({ things: z.array(z.string()) }),
  run: () => Promise.resolve({ things: [] }),
};

const make = (changes: Partial<Declaration> = {}): Tool => defineAwsTool({ ...declaration, ...changes });
const listingOf = (tool: Tool) => new ToolRegistry([tool]).all[0]?.listing;

describe('ToolRegistry', () => {
  it('refuses tools that break the contract', () => {
    const faults: [Partial<Declaration>, RegExp][] = [
      [{ name: 'list' }, /Tool names/],
      [{ name: 'S3_list_things' }, /Tool names/],
      [{ name: 's3-list-things' }, /Tool names/],
      [{ name: 's3__list' }, /Tool names/],
      [{ name: `s3_list_${'x'.repeat(33)}` }, /Tool names/],
      [{ title: ' ' }, /title/],
      [{ description: '' }, /description/],
      [{ description: 'x'.repeat(301) }, /300/],
      [{ input: z.object({ profile: z.string() }) }, /may not take profile/],
      [{ input: z.object({ region: z.string() }) }, /may not take region/],
      [{ output: z.object({ identity: z.string() }) }, /may not return identity/],
      [{ output: z.object({ truncated: z.boolean() }) }, /may not return truncated/],
      [{ output: z.object({ fullResult: z.string() }) }, /may not return fullResult/],
      [{ iamActions: ['s3'] }, /no IAM action/],
      [{ iamActions: ['s3:*'] }, /no IAM action/],
    ];
    for (const [changes, message] of faults) assert.throws(() => new ToolRegistry([make(changes)]), message);
    assert.throws(() => new ToolRegistry([make(), make()]), /Two tools have the name s3_list_things/);
  });

  it('accepts the longest name and description', () => {
    const name = `s3_list_${'x'.repeat(32)}`;
    assert.equal(listingOf(make({ name, description: 'x'.repeat(300) }))?.name, name);
  });

  it('makes annotations that follow from access', () => {
    const hints = (changes: Partial<Declaration>) => {
      const { title: _, ...annotations } = listingOf(make(changes))?.annotations ?? {};
      return Object.values(annotations);
    };
    // readOnly, destructive, idempotent, openWorld
    assert.deepEqual(hints({ access: 'read' }), [true, false, true, false]);
    assert.deepEqual(hints({ access: 'write' }), [false, false, false, false]);
    assert.deepEqual(hints({ access: 'write', idempotent: true }), [false, false, true, false]);
    assert.deepEqual(hints({ access: 'destructive', openWorld: true }), [false, true, false, true]);
  });

  it('adds profile, region and the receipt to AWS tools only', () => {
    const aws = listingOf(make());
    assert.deepEqual(Object.keys(aws?.inputSchema['properties'] ?? {}), ['prefix', 'profile', 'region']);
    assert.deepEqual(Object.keys(aws?.outputSchema['properties'] ?? {}), [
      'things',
      'identity',
      'warnings',
      'truncated',
      'fullResult',
    ]);
    assert.deepEqual(aws?.outputSchema['required'], ['things', 'identity']);
    const { run: _, ...rest } = declaration;
    const workspace = listingOf(defineWorkspaceTool({ ...rest, run: () => Promise.resolve({ things: [] }) }));
    assert.deepEqual(Object.keys(workspace?.inputSchema['properties'] ?? {}), ['prefix']);
    assert.deepEqual(workspace?.outputSchema['required'], ['things']);
  });

  it('refuses arguments that the schema does not name, and says so in the schema', () => {
    const registered = new ToolRegistry([make()]).get('s3_list_things');
    assert.equal(registered?.input.safeParse({ prefix: 'a', confirm: true }).success, false);
    assert.equal(registered.listing.inputSchema['additionalProperties'], false);
    assert.equal(registered.input.safeParse({ profile: '' }).success, false);
    assert.equal(registered.input.safeParse({ region: 'eu-west-1; rm' }).success, false);
    assert.equal(registered.input.safeParse({ profile: 'dev', region: 'us-gov-west-1' }).success, true);
  });

  it('keeps the order of tools, and knows none but them', () => {
    const registry = new ToolRegistry([make({ name: 's3_b_b' }), make({ name: 's3_a_a' })]);
    assert.deepEqual(
      registry.all.map(({ tool }) => tool.name),
      ['s3_b_b', 's3_a_a'],
    );
    assert.equal(registry.get('constructor'), undefined);
  });
});
