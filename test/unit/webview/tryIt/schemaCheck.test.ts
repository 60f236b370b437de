import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { SchemaDocument, type Schema } from '../../../../webview/tryIt/schema/jsonSchema';
import { checkValue, type CheckReport } from '../../../../webview/tryIt/schema/schemaCheck';
import { anySchema, jsonValue } from './arbitrarySchemas';

function check(schema: unknown, value: unknown): CheckReport {
  return checkValue(new SchemaDocument(schema as Schema), schema as Schema, value, {
    matches: (pattern, text) => new RegExp(pattern, 'u').test(text),
  });
}

function said(schema: unknown, value: unknown): string[] {
  return check(schema, value).problems.map(({ pointer, text }) => `${pointer} ${text}`);
}

describe('checkValue', () => {
  it('agrees with another validator about any schema and value', () => {
    fc.assert(
      fc.property(anySchema, jsonValue, (schema, value) => {
        // The other one does not tell members that an object has from those that every object inherits.
        fc.pre(!JSON.stringify([schema, value]).includes('__proto__'));
        let expected: boolean;
        try {
          expected = new AjvJsonSchemaValidator().getValidator(schema as never)(value).valid;
        } catch {
          // A schema that goes in circles without end, or that the other one refuses.
          return;
        }
        const report = check(schema, value);
        if (!report.isComplete) return;
        assert.equal(report.problems.length === 0, expected, JSON.stringify(report.problems));
      }),
      { numRuns: 1500 },
    );
  });

  it('says at each place what is wrong there', () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1 },
        count: { type: 'integer', minimum: 1, maximum: 10 },
        kind: { enum: ['a', 'b'] },
        tags: { type: 'array', items: { type: 'string' }, maxItems: 2, uniqueItems: true },
        when: { type: 'string', format: 'date' },
        code: { type: 'string', pattern: '^[A-Z]+$' },
      },
      required: ['name', 'kind'],
      additionalProperties: false,
    };
    assert.deepEqual(
      said(schema, { name: '', count: 11, tags: ['x', 1, 'x'], when: '2026-02-30', code: 'x', odd: 1 }),
      [
        '/kind must be given',
        '/name must not be empty',
        '/count must be at most 10',
        '/tags must have at most 2 items, and has 3',
        '/tags/2 must not be there twice',
        '/tags/1 must be text',
        '/when must be a date, such as 2026-07-28',
        '/code must match ^[A-Z]+$',
        '/odd is not known here',
      ],
    );
    assert.deepEqual(said(schema, { name: 'x', kind: 'a' }), []);
  });

  it('speaks of the form that was meant where none fits', () => {
    const shapes = {
      oneOf: [
        {
          type: 'object',
          properties: { kind: { const: 'circle' }, radius: { type: 'number' } },
          required: ['kind', 'radius'],
        },
        {
          type: 'object',
          properties: { kind: { const: 'square' }, side: { type: 'number' } },
          required: ['kind', 'side'],
        },
      ],
    };
    assert.deepEqual(said(shapes, { kind: 'square', side: 'x' }), ['/side must be a number']);
    assert.deepEqual(said(shapes, 7), [' must be an object']);
    assert.deepEqual(said({ anyOf: [{ type: 'string' }, { type: 'null' }] }, 7), [' must be text or null']);
    assert.deepEqual(said({ anyOf: [{ const: 'a' }, { const: 'b' }] }, 'c'), [' must be "a" or "b"']);
    assert.deepEqual(said({ oneOf: [{ type: 'integer' }, { minimum: 3 }] }, 5), [
      ' fits 2 forms of which only one may fit',
    ]);
  });

  it('follows conditions, references and anchors', () => {
    const address = {
      $id: 'https://example.com/address',
      $defs: {
        zip: { $anchor: 'zip', type: 'string', minLength: 5 },
        far: { $id: 'https://example.com/far', type: 'number' },
      },
      properties: { zip: { $ref: '#zip' }, far: { $ref: 'https://example.com/far' }, country: { type: 'string' } },
      if: { properties: { country: { const: 'CH' } }, required: ['country'] },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { required: ['canton'] },
      else: { required: ['state'] },
    };
    assert.deepEqual(said(address, { zip: '1', far: 'x', country: 'CH' }), [
      '/zip must have at least 5 characters',
      '/far must be a number',
      '/canton must be given',
    ]);
    assert.deepEqual(said(address, {}), ['/state must be given']);
    assert.equal(check({ $ref: 'https://elsewhere.example/schema' }, 1).isComplete, false);
  });

  it('understands what earlier drafts wrote otherwise', () => {
    const old = {
      definitions: { n: { minimum: 1, exclusiveMinimum: true } },
      items: [{ $ref: '#/definitions/n' }, { type: 'string' }],
      additionalItems: false,
    };
    assert.deepEqual(said(old, [1, 'x']), ['/0 must be more than 1']);
    assert.deepEqual(said(old, [2, 'x', 3]), ['/2 must not be given']);
    assert.deepEqual(said({ dependencies: { a: ['b'] } }, { a: 1 }), ['/b must be given together with "a"']);
  });

  it('ends at schemas that do not', () => {
    const loops = [
      { $ref: '#' },
      { allOf: [{ $ref: '#' }, { $ref: '#' }] },
      { anyOf: [{ $ref: '#/anyOf/1' }, { $ref: '#/anyOf/0' }] },
      { not: { $ref: '#' } },
    ];
    for (const schema of loops) assert.equal(check(schema, { a: 1 }).isComplete, false, JSON.stringify(schema));
    let deep: Record<string, unknown> = { type: 'string' };
    let value: unknown = 'x';
    for (let level = 0; level < 10_000; level += 1) {
      deep = { properties: { a: deep } };
      value = { a: value };
    }
    assert.equal(check(deep, value).isComplete, false);
    const wide = Object.fromEntries(
      Array.from({ length: 10_000 }, (_each, index) => [`p${index}`, { type: 'string' }]),
    );
    const report = check({ properties: wide }, Object.fromEntries(Object.keys(wide).map((key) => [key, 1])));
    assert.ok(report.isComplete);
    assert.equal(report.problems.length, 200);
  });

  it('does not hold a pattern against a text before it is known whether they match', () => {
    const schema = { pattern: '^(a+)+$' };
    const { problems, isComplete } = checkValue(new SchemaDocument(schema), schema, 'aaaa!', {
      matches: () => undefined,
    });
    assert.deepEqual(problems, []);
    assert.equal(isComplete, false);
  });
});
