import * as fc from 'fast-check';

export type JsonSchema = Record<string, unknown> | boolean;

const names = ['a', 'b', 'c', '__proto__', 'with space', 'x/y~z'] as const;
const name = fc.constantFrom(...names);
const small = fc.integer({ min: 0, max: 4 });

const scalar = fc.oneof(
  fc.string({ maxLength: 5 }),
  fc.integer({ min: -20, max: 20 }),
  fc.integer({ min: -20, max: 20 }).map((value) => value / 4),
  fc.boolean(),
  fc.constant(null),
);

/** Any JSON value of small size, with awkward member names among the others. */
export const jsonValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

function optional(parts: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(parts, { requiredKeys: [] });
}

/** Schemas of revision 2020-12 with all kinds of keywords, also ones that nothing can satisfy; references into `$defs`. */
export const anySchema: fc.Arbitrary<JsonSchema> = fc
  .letrec<{ schema: JsonSchema; members: [string, JsonSchema][] }>((tie) => {
    const schema: fc.Arbitrary<JsonSchema> = tie('schema');
    const usual = schema.filter((each) => each !== false);
    const schemas = fc.array(schema, { minLength: 1, maxLength: 3 });
    const members = fc.array(fc.tuple(name, schema), { maxLength: 3 }).map((entries) => Object.fromEntries(entries));
    return {
      members: fc.array(fc.tuple(name, schema), { maxLength: 3 }),
      schema: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.boolean(),
        fc.constantFrom({ $ref: '#/$defs/node' }, { $ref: '#/$defs/word' }, { $ref: '#' }),
        optional({ type: fc.constant('string'), minLength: small, maxLength: small }),
        optional({
          type: fc.constantFrom('number', 'integer'),
          minimum: small,
          maximum: small,
          exclusiveMinimum: small,
          multipleOf: fc.constantFrom(1, 2, 0.5),
        }),
        fc.record({
          enum: fc.uniqueArray(jsonValue, {
            minLength: 1,
            maxLength: 3,
            comparator: (x, y) => JSON.stringify(x) === JSON.stringify(y),
          }),
        }),
        fc.record({ const: jsonValue }),
        fc.record({
          type: fc.uniqueArray(fc.constantFrom('string', 'number', 'integer', 'boolean', 'object', 'array', 'null'), {
            minLength: 1,
            maxLength: 3,
          }),
        }),
        optional({
          type: fc.constant('object'),
          properties: members,
          required: fc.uniqueArray(name, { maxLength: 2 }),
          additionalProperties: schema,
          unevaluatedProperties: schema,
          minProperties: small,
          maxProperties: small,
          dependentRequired: fc.constant({ a: ['b'] }),
          dependentSchemas: fc.record({ a: schema, b: schema }),
        }),
        optional({
          type: fc.constant('array'),
          prefixItems: schemas,
          items: schema,
          minItems: small,
          maxItems: small,
          uniqueItems: fc.boolean(),
          unevaluatedItems: schema,
        }),
        // Alone: beside other keywords the validator that ours is compared with is wrong about empty lists.
        fc.record({ contains: usual }),
        fc.record({ anyOf: schemas }),
        fc.record({ oneOf: schemas }),
        fc.record({ allOf: schemas }),
        fc.record({ not: schema }),
        // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
        optional({ if: schema, then: schema, else: schema }),
      ),
    };
  })
  .schema.map((schema) => {
    if (typeof schema === 'boolean') return schema;
    return {
      ...schema,
      $defs: {
        word: { type: 'string', minLength: 1 },
        node: { type: 'object', properties: { next: { $ref: '#/$defs/node' }, a: { $ref: '#/$defs/word' } } },
      },
    };
  });

/** Schemas that something satisfies, of the kind that tools have: typed, with bounds that leave room. */
export const simpleSchema: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema }>((tie) => {
  const schema: fc.Arbitrary<JsonSchema> = tie('schema');
  const described = { title: fc.string({ maxLength: 5 }), description: fc.string({ maxLength: 5 }) };
  return {
    schema: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.record({ type: fc.constant('string'), minLength: small, ...described }),
      fc.record({
        type: fc.constant('string'),
        format: fc.constantFrom('date', 'date-time', 'email', 'uri', 'uuid', 'ipv4'),
      }),
      fc
        .tuple(fc.constantFrom('number', 'integer'), fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 50 }))
        .map(([type, minimum, more]) => ({ type, minimum, maximum: minimum + more })),
      fc.record({ type: fc.constant('boolean') }),
      fc.record({ type: fc.constant('null') }),
      fc.record({ enum: fc.array(scalar, { minLength: 1, maxLength: 3 }) }),
      fc.record({ const: scalar }),
      fc.record({ type: fc.constant(['string', 'null']) }),
      fc.record({ type: fc.constant('array'), items: schema, minItems: small }),
      fc.record({ type: fc.constant('array'), prefixItems: fc.array(schema, { minLength: 1, maxLength: 3 }) }),
      fc.array(fc.tuple(name, schema, fc.boolean()), { maxLength: 4 }).map((entries) => ({
        type: 'object',
        properties: Object.fromEntries(entries.map(([key, each]) => [key, each])),
        required: [...new Set(entries.filter(([, , isRequired]) => isRequired).map(([key]) => key))],
        additionalProperties: false,
      })),
      fc.record({ anyOf: fc.array(schema, { minLength: 1, maxLength: 3 }) }),
      fc.record({ allOf: fc.tuple(schema).map((all) => [...all]) }),
    ),
  };
}).schema;
