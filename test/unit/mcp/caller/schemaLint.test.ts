import assert from 'node:assert/strict';
import type { OfferedList } from '../../../../src/mcp/caller/callableServer';
import { lintItem } from '../../../../src/mcp/caller/schemaLint';
import { findTwins } from '../../../../src/mcp/caller/schemaTwins';

const annotations = { readOnlyHint: true };

/** One line for each finding: severity, place, sentence. */
function found(list: OfferedList, item: object): string[] {
  return lintItem(list, item).map(({ severity, path = '', text }) => `${severity} ${path}: ${text}`);
}

function ofSchema(inputSchema: unknown): string[] {
  return found('tools', { name: 'a', description: 'Does a.', annotations, inputSchema });
}

describe('lintItem', () => {
  it('finds nothing in a tool that says everything', () => {
    assert.deepEqual(
      ofSchema({
        type: 'object',
        properties: {
          name: { type: 'string', description: 'Its name.' },
          either: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/Part' }], description: 'One or the other.' },
          tags: { type: 'array', items: { type: 'string' }, description: 'Its tags.' },
          labels: { type: 'object', additionalProperties: { type: 'string' }, description: 'Its labels.' },
        },
        required: ['name'],
        $defs: { Part: { type: 'object', properties: { next: { $ref: '#/$defs/Part' } } } },
      }),
      [],
    );
  });

  it('names the place of what is missing in a schema', () => {
    assert.deepEqual(
      ofSchema({
        type: 'object',
        properties: {
          loose: { description: 'Anything.' },
          silent: { type: 'object' },
          bag: { type: 'object', description: 'Anything.' },
          list: { type: 'array', description: 'Anything.' },
          deep: { type: 'object', description: 'Deep.', properties: { 'odd key': { type: 'string' } } },
          gone: { $ref: '#/$defs/Gone' },
          choice: { enum: ['a', 'b'], default: 'c', description: 'One of two.' },
          none: { enum: [], description: 'None.' },
        },
        required: ['other'],
      }),
      [
        'warning inputSchema: It requires other, which it does not describe.',
        'info inputSchema.properties.loose: Nothing says of what type loose is.',
        'warning inputSchema.properties.silent: silent is an object of which nothing is described.',
        'info inputSchema.properties.silent: silent has no description.',
        'info inputSchema.properties.bag: bag is an object of which nothing is described.',
        'info inputSchema.properties.list: list is a list, and nothing says of what.',
        'info inputSchema.properties.deep.properties["odd key"]: odd key has no description.',
        'error inputSchema.properties.gone: It refers to #/$defs/Gone, which is not there.',
        'warning inputSchema.properties.choice: Its default is not one of the values that it allows.',
        'error inputSchema.properties.none: No value is allowed: its enum is empty.',
      ],
    );
  });

  it('leaves data alone that looks like a schema, and the branches of a union that share properties', () => {
    assert.deepEqual(
      ofSchema({
        type: 'object',
        properties: {
          a: { type: 'object', additionalProperties: {}, description: 'A.', default: { $ref: 'http://x' } },
        },
        examples: [{ properties: { b: {} } }],
        if: { required: ['a'] },
      }),
      [],
    );
  });

  it('finds names that clients refuse, and hints that cannot both hold', () => {
    const inputSchema = { type: 'object' };
    const description = 'Does a.';
    assert.deepEqual(found('tools', { name: 'a'.repeat(65), description, annotations, inputSchema }), [
      'warning name: Some clients allow only 64 characters in a name.',
    ]);
    assert.deepEqual(found('tools', { name: 'a', description, inputSchema }), [
      'info : There are no annotations, so clients must assume that it may destroy something.',
    ]);
    assert.deepEqual(
      found('tools', {
        name: 'a',
        description,
        inputSchema,
        annotations: { readOnlyHint: true, destructiveHint: true },
      }),
      ['warning annotations: It says both that it only reads and that it may destroy.'],
    );
    assert.deepEqual(found('tools', { name: 'a', description, annotations, inputSchema: { type: 'string' } }), [
      'error inputSchema: inputSchema must have the type "object".',
    ]);
  });

  it('looks at prompts, resources and resource templates', () => {
    assert.deepEqual(
      found('prompts', {
        name: 'p',
        description: 'P.',
        arguments: [{ name: 'a' }, { name: 'a', description: 'x\u202e' }],
      }),
      [
        'info arguments[0]: The argument a has no description.',
        'error arguments[1]: There is another argument a.',
        'warning arguments[1].description: The description has characters that are not seen, which can hide instructions to a model.',
      ],
    );
    assert.deepEqual(found('resources', { uri: 'not a uri', name: 'r', description: 'R.', mimeType: 'text/plain' }), [
      'error uri: The address is not a URI.',
    ]);
    assert.deepEqual(found('resourceTemplates', { uriTemplate: 'file:///{path', name: 't', description: 'T.' }), [
      'error uriTemplate: The address is not a URI template.',
    ]);
    assert.deepEqual(found('resourceTemplates', { uriTemplate: 'file:///{path}', name: 't', description: 'T.' }), []);
  });

  it('ends at schemas that are deep, wide or of the wrong kind', () => {
    let deep: object = { type: 'string' };
    for (let level = 0; level < 20_000; level += 1) deep = { type: 'array', items: deep };
    assert.ok(ofSchema({ type: 'object', properties: { deep } }).some((line) => line.includes('nests deeper')));
    const properties = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`p${n}`, {}]));
    assert.equal(ofSchema({ type: 'object', properties }).length, 101);
    for (const inputSchema of [null, [], 'x', { type: 'object', properties: [1], required: {}, anyOf: 'x' }]) {
      assert.ok(ofSchema(inputSchema).length <= 2);
    }
  });
});

describe('findTwins', () => {
  it('finds the same and nearly the same names across servers, and within one', () => {
    const twins = findTwins([
      { key: '1', label: 'one', names: ['read_file', 'only'] },
      { key: '2', label: 'two', names: ['readFile', 'read-file', 'other'] },
    ]);
    assert.deepEqual(twins.get('1')?.get('read_file'), [
      { server: 'two', name: 'readFile' },
      { server: 'two', name: 'read-file' },
    ]);
    assert.equal(twins.get('1')?.get('only'), undefined);
    assert.deepEqual(
      twins
        .get('2')
        ?.get('readFile')
        ?.map(({ server, name }) => `${server} ${name}`),
      ['one read_file', 'two read-file'],
    );
  });
});
