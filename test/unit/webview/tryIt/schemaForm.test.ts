import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  isSameJson,
  pointerOf,
  valueAt,
  withItemMoved,
  withNameAt,
  withValueAt,
} from '../../../../webview/tryIt/schema/jsonPath';
import type { Schema } from '../../../../webview/tryIt/schema/jsonSchema';
import { completed, initialValue, newValue, sampleValue } from '../../../../webview/tryIt/schema/sampleValue';
import { checkValue } from '../../../../webview/tryIt/schema/schemaCheck';
import { SchemaForm, type FormField } from '../../../../webview/tryIt/schema/schemaForm';
import { anySchema, jsonValue, simpleSchema } from './arbitrarySchemas';

const matches = (pattern: string, text: string): boolean => new RegExp(pattern, 'u').test(text);

function formOf(schema: unknown, chosen: Record<string, number> = {}): SchemaForm {
  return new SchemaForm(schema as Schema, { matches, chosen: (pointer) => chosen[pointer] });
}

/** The value as somebody would read it off the form: from the fields that can be filled in, and nothing else. */
function readOff(form: SchemaForm, field: FormField): unknown {
  const { variant, value } = field;
  if (value === undefined) return undefined;
  if (variant.kind === 'array') return form.items(field).map((item) => readOff(form, item));
  if (variant.kind !== 'object') return value;
  const entries = form.members(field).map((member) => [member.name, readOff(form, member)] as const);
  return Object.fromEntries(entries.filter(([, member]) => member !== undefined));
}

function leavesOf(form: SchemaForm, field: FormField): FormField[] {
  const inner = [...form.members(field), ...form.items(field)];
  return inner.length === 0 ? [field] : inner.flatMap((each) => leavesOf(form, each));
}

function labels(fields: readonly FormField[]): string[] {
  return fields.map(({ name, variant, isRequired }) => `${name}${isRequired ? '!' : ''} ${variant.kind}`);
}

describe('SchemaForm', () => {
  it('shows all of any value, whatever the schema', () => {
    fc.assert(
      fc.property(anySchema, jsonValue, (schema, value) => {
        const form = formOf(schema);
        const read = readOff(form, form.root(value));
        assert.ok(isSameJson(read, value), JSON.stringify({ read, value }));
      }),
      { numRuns: 1000 },
    );
  });

  it('changes nothing but what is filled in', () => {
    fc.assert(
      fc.property(anySchema, jsonValue, fc.nat(), jsonValue, (schema, value, pick, next) => {
        const form = formOf(schema);
        const leaves = leavesOf(form, form.root(value)).filter((leaf) => leaf.value !== undefined);
        const leaf = leaves[pick % Math.max(1, leaves.length)];
        if (!leaf) return;
        const changed = withValueAt(value, leaf.path, next);
        assert.ok(isSameJson(valueAt(changed, leaf.path), next));
        assert.ok(isSameJson(readOff(form, form.root(changed)), changed));
        assert.ok(isSameJson(withValueAt(changed, leaf.path, leaf.value), value));
      }),
      { numRuns: 500 },
    );
  });

  it('knows a value that fits for every simple schema', () => {
    fc.assert(
      fc.property(simpleSchema, (schema) => {
        const form = formOf(schema);
        const sample = sampleValue(form, form.document.root);
        const { problems } = checkValue(form.document, form.document.root, sample, { matches });
        assert.deepEqual(problems, [], JSON.stringify(sample));
      }),
      { numRuns: 1000 },
    );
  });

  it('begins with what can be told, and completes it to a value that fits', () => {
    fc.assert(
      fc.property(simpleSchema, (schema) => {
        const form = formOf(schema);
        const begun = initialValue(form, form.document.root);
        const whole = completed(form, form.root(begun));
        const { problems } = checkValue(form.document, form.document.root, whole, { matches });
        assert.deepEqual(problems, [], JSON.stringify({ begun, whole }));
      }),
      { numRuns: 1000 },
    );
  });

  it('offers the members of an object, those of parts of it, and those that it does not name', () => {
    const form = formOf({
      type: 'object',
      properties: { name: { type: 'string' }, size: { type: ['integer', 'null'] } },
      required: ['name'],
      allOf: [{ properties: { size: { minimum: 1 }, more: { $ref: '#/$defs/tag' } }, required: ['more'] }],
      patternProperties: { '^x-': { type: 'number' } },
      additionalProperties: { type: 'boolean' },
      $defs: { tag: { enum: ['a', 'b'], description: 'A tag' } },
    });
    const root = form.root({ 'x-a': 1, other: true });
    assert.deepEqual(labels(form.members(root)), [
      'name! string',
      'size integer',
      'more! choice',
      'x-a number',
      'other boolean',
    ]);
    assert.equal(form.members(root)[2]?.description, 'A tag');
    assert.deepEqual(
      form.members(root)[1]?.variants.map(({ label }) => label),
      ['whole number', 'null'],
    );
    assert.ok(form.takesExtras(root.variant.rules));
    assert.ok(!formOf({ properties: { a: true } }).takesExtras([{ properties: { a: true } }]));
    assert.ok(!formOf({ additionalProperties: false }).takesExtras([{ additionalProperties: false }]));
  });

  it('lets forms be chosen, and follows the value', () => {
    const schema = {
      oneOf: [
        {
          title: 'Circle',
          properties: { kind: { const: 'circle' }, radius: { type: 'number' } },
          required: ['kind', 'radius'],
        },
        { properties: { kind: { const: 'square' }, side: { type: 'number' } }, required: ['kind', 'side'] },
        { type: 'null' },
      ],
    };
    const form = formOf(schema);
    assert.deepEqual(
      form.root(undefined).variants.map(({ label }) => label),
      ['Circle', 'kind: "square"', 'null'],
    );
    assert.equal(form.root({ kind: 'square' }).variant.label, 'kind: "square"');
    assert.equal(form.root({ kind: 'circle' }).variant.label, 'Circle');
    assert.equal(form.root(null).variant.label, 'null');
    assert.deepEqual(newValue(form, schema, 1), { kind: 'square' });
    assert.deepEqual(sampleValue(form, schema), { kind: 'circle', radius: 0 });
    assert.equal(formOf(schema, { '': 1 }).root({}).variant.label, 'kind: "square"');
    // What is in the JSON decides once it fits another form.
    assert.equal(formOf(schema, { '': 1 }).root({ kind: 'circle', radius: 1 }).variant.label, 'Circle');
    assert.equal(form.root('text').variant.label, 'text (does not fit)');
  });

  it('shows the consequences of conditions', () => {
    const form = formOf({
      properties: { kind: { enum: ['file', 'text'] } },
      if: { properties: { kind: { const: 'file' } }, required: ['kind'] },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { properties: { path: { type: 'string' } }, required: ['path'] },
      dependentSchemas: { path: { properties: { mode: { type: 'integer' } } } },
    });
    assert.deepEqual(labels(form.members(form.root({ kind: 'text' }))), ['kind choice']);
    assert.deepEqual(labels(form.members(form.root({ kind: 'file', path: '' }))), [
      'kind choice',
      'path! string',
      'mode integer',
    ]);
  });

  it('fills in tuples and lists', () => {
    const form = formOf({
      type: 'array',
      prefixItems: [{ type: 'string' }, { type: 'integer' }],
      items: { type: 'boolean' },
      maxItems: 3,
    });
    const root = form.root(['a', 1, true]);
    assert.deepEqual(labels(form.items(root)), ['1! string', '2! integer', '3! boolean']);
    assert.ok(form.takesItem(root.variant.rules, 2));
    assert.ok(!form.takesItem(root.variant.rules, 3));
    assert.deepEqual(sampleValue(form, form.document.root), ['text', 0]);
  });

  it('says what is secret, deprecated and set beforehand', () => {
    const form = formOf({
      properties: {
        password: { type: 'string' },
        old: { type: 'string', deprecated: true, default: 'x', examples: ['y'] },
        pin: { type: 'string', format: 'password' },
        tokens: { type: 'object', properties: { token: { type: 'string' } } },
      },
    });
    const [password, old, pin] = form.members(form.root({}));
    assert.ok(password?.isSecret && pin?.isSecret);
    assert.ok(old?.isDeprecated && !old.isSecret);
    assert.equal(old.initial, 'x');
    assert.equal(old.example, '"y"');
  });

  it('ends at schemas that do not', () => {
    const loops = [
      { $ref: '#' },
      { allOf: [{ $ref: '#' }, { $ref: '#' }] },
      { anyOf: [{ $ref: '#' }, { $ref: '#' }] },
      { properties: { a: { $ref: '#' } }, required: ['a'] },
      { type: 'array', items: { $ref: '#' }, minItems: 3 },
    ];
    for (const schema of loops) {
      const form = formOf(schema);
      for (const value of [undefined, {}, [], 'x']) {
        const root = form.root(value);
        form.members(root);
        form.items(root);
        completed(form, root);
      }
      initialValue(form, form.document.root);
      sampleValue(form, form.document.root);
    }
    const wide = Object.fromEntries(
      Array.from({ length: 10_000 }, (_each, index) => [`p${index}`, { type: 'string' }]),
    );
    const form = formOf({ properties: wide });
    assert.equal(form.members(form.root({})).length, 10_000);
  });
});

describe('paths in JSON', () => {
  it('sets, removes, renames and moves without touching the rest', () => {
    const value = { a: { b: [1, 2, 3] }, c: 4 };
    assert.deepEqual(withValueAt(value, ['a', 'b', 1], undefined), { a: { b: [1, 3] }, c: 4 });
    assert.deepEqual(withValueAt(value, ['a', 'd', 'e'], 5), { a: { b: [1, 2, 3], d: { e: 5 } }, c: 4 });
    assert.deepEqual(withValueAt(value, ['c'], undefined), { a: { b: [1, 2, 3] } });
    assert.deepEqual(Object.keys(withNameAt(value, ['a'], 'z') as object), ['z', 'c']);
    assert.deepEqual(withItemMoved(value, ['a', 'b'], 0, 2), { a: { b: [2, 3, 1] }, c: 4 });
    assert.deepEqual(value, { a: { b: [1, 2, 3] }, c: 4 });
    const odd = withValueAt({}, ['__proto__', 'x'], 1);
    assert.equal(JSON.stringify(odd), '{"__proto__":{"x":1}}');
    assert.equal(valueAt({}, ['toString']), undefined);
    assert.equal(pointerOf(['a/b', '~', 3]), '/a~1b/~0/3');
  });
});
