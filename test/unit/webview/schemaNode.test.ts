import assert from 'node:assert/strict';
import { schemaLines, SchemaNode, unfoldToFit } from '../../../webview/schemas/schemaNode';

/** The lines of a schema as text: depth, name, type, `!` where required, default, constraints. */
function drawn(schema: unknown, maxLines = 100): string[] {
  const root = SchemaNode.of(schema, 'inputSchema');
  unfoldToFit(root, maxLines);
  return schemaLines(root).map((line) => {
    if (line.kind === 'more') return `${line.left} more`;
    const { depth, name, type, isRequired, preset, constraints } = line.node;
    const about = [preset === undefined ? '' : `= ${preset}`, ...constraints].filter(Boolean).join(', ');
    return `${'  '.repeat(depth)}${name}${isRequired ? '!' : ''}: ${type}${about === '' ? '' : ` (${about})`}`;
  });
}

function pathsOf(schema: unknown): string[] {
  const root = SchemaNode.of(schema, 'inputSchema');
  unfoldToFit(root, 100);
  return schemaLines(root).map(({ node }) => node.path);
}

describe('SchemaNode', () => {
  it('says types, defaults and constraints in words', () => {
    assert.deepEqual(
      drawn({
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 64, pattern: '^a' },
          when: { type: 'string', format: 'date-time' },
          limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
          ratio: { type: 'number', exclusiveMinimum: 0, multipleOf: 0.5 },
          mode: { enum: ['a', 'b', null] },
          tags: { type: 'array', items: { type: 'string' }, uniqueItems: true, maxItems: 1 },
          maybe: { type: ['string', 'null'], examples: ['x'] },
          any: true,
          none: false,
          loose: {},
        },
      }),
      [
        'name!: string (1 to 64 characters, matches ^a)',
        'when: string (date-time)',
        'limit: integer (= 20, 1 to 100)',
        'ratio: number (more than 0, a multiple of 0.5)',
        'mode: string or null',
        'tags: list of string (at most 1 item, no item twice)',
        'maybe: string or null (e.g. "x")',
        'any: anything',
        'none: nothing',
        'loose: anything',
      ],
    );
  });

  it('unfolds objects, lists of objects, tuples, maps and unions', () => {
    assert.deepEqual(
      drawn({
        type: 'object',
        properties: {
          filters: { type: 'array', items: { type: 'object', properties: { key: { type: 'string' } } } },
          pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
          target: {
            oneOf: [
              { title: 'By name', type: 'string' },
              { type: 'object', properties: { id: {} } },
            ],
          },
          optional: { anyOf: [{ type: 'string', minLength: 2 }, { type: 'null' }], default: null },
        },
      }),
      [
        'filters: list of object',
        '  each item: object',
        '    key: string',
        'pair: list',
        '  item 1: string',
        '  item 2: number',
        'labels: object',
        '  any other member: string',
        'target: string or object',
        '  By name: string',
        '  choice 2: object',
        '    id: anything',
        'optional: string or null (= null, at least 2 characters)',
      ],
    );
  });

  it('follows references, keeps what stands beside them, and folds what comes again', () => {
    const schema = {
      type: 'object',
      properties: { tree: { $ref: '#/$defs/Node', description: 'The whole tree.' } },
      $defs: {
        Node: {
          type: 'object',
          description: 'A node.',
          properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/Node' } } },
        },
      },
    };
    assert.deepEqual(drawn(schema), [
      'tree: object',
      '  name: string',
      '  children: list of Node',
      '    each item: object',
    ]);
    const root = SchemaNode.of(schema, 'inputSchema');
    unfoldToFit(root, 100);
    const [tree, name, , again] = schemaLines(root).map(({ node }) => node);
    assert.equal(tree?.description, 'The whole tree.');
    assert.equal(tree.refName, 'Node');
    assert.equal(name?.path, 'inputSchema.$defs.Node.properties.name');
    assert.equal(again?.isRecursive, true);
    assert.equal(again.isExpandable, true);
    again.isExpanded = true;
    assert.equal(schemaLines(root).length, 6);
  });

  it('puts the parts of an allOf together, and knows where each came from', () => {
    const schema = {
      allOf: [{ $ref: '#/$defs/Base' }, { properties: { own: { type: 'number' } }, required: ['own'] }],
      $defs: { Base: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } },
    };
    assert.deepEqual(drawn(schema), ['id!: string', 'own!: number']);
    assert.deepEqual(pathsOf(schema), ['inputSchema.$defs.Base.properties.id', 'inputSchema.allOf[1].properties.own']);
  });

  it('ends at references in a circle, to nowhere and to elsewhere, and at odd schemas', () => {
    assert.deepEqual(
      drawn({
        type: 'object',
        properties: {
          circle: { $ref: '#/$defs/A' },
          gone: { $ref: '#/$defs/Gone' },
          elsewhere: { $ref: 'https://example.com/s.json' },
        },
        $defs: { A: { $ref: '#/$defs/B' }, B: { $ref: '#/$defs/A' } },
      }),
      ['circle: anything', 'gone: anything', 'elsewhere: anything'],
    );
    for (const odd of [null, 3, [], 'x', { properties: [], items: 3, anyOf: {}, allOf: [null, 1], enum: 'x' }, true]) {
      assert.ok(drawn(odd).length <= 3);
    }
    const self = { allOf: Array.from({ length: 50 }, () => ({ $ref: '#' })), properties: { a: {} } };
    assert.deepEqual(drawn(self), ['a: anything']);
    const wide = { anyOf: Array.from({ length: 8 }, () => ({ $ref: '#' })) };
    assert.ok(drawn({ properties: { wide }, ...wide }, 50).length <= 60);
  });

  it('draws a wide schema step by step', () => {
    const properties = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`p${n}`, { type: 'string' }]));
    const lines = drawn({ type: 'object', properties });
    assert.equal(lines.length, 101);
    assert.equal(lines.at(-1), '9900 more');
  });
});
