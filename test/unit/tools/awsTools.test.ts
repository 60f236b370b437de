import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isRecord } from '../../../src/core/json';
import { estimateTokens } from '../../../src/core/tokens';
import { awsTools } from '../../../src/tools/awsTools';
import { ToolRegistry } from '../../../src/tools/registry';

const registry = new ToolRegistry(awsTools);
const listings = registry.all.map(({ listing }) => listing);

/** Names and schemas of an object schema's members. */
function propertiesOf(schema: unknown): [string, Record<string, unknown>][] {
  const properties = isRecord(schema) && isRecord(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties).filter((entry): entry is [string, Record<string, unknown>] => isRecord(entry[1]));
}

/** Every member at any depth, with its path. */
function membersOf(schema: Record<string, unknown>, path = ''): [string, Record<string, unknown>][] {
  const inItems = isRecord(schema['items']) ? membersOf(schema['items'], `${path}[]`) : [];
  return [
    ...inItems,
    ...propertiesOf(schema).flatMap(([name, member]) => [
      [`${path}.${name}`, member] as [string, Record<string, unknown>],
      ...membersOf(member, `${path}.${name}`),
    ]),
  ];
}

describe('The AWS tools', () => {
  it('are the ones that are promised', () => {
    assert.deepEqual(
      listings.map(({ name }) => name),
      [
        'aws_get_caller_identity',
        'cloudformation_list_stacks',
        'cloudformation_describe_stack',
        'cloudformation_list_stack_resources',
        'cloudformation_list_stack_events',
        'lambda_list_functions',
        'lambda_get_function',
        'lambda_invoke_function',
        's3_list_buckets',
        's3_list_objects',
        's3_get_object',
      ],
    );
  });

  it('cost few tokens', () => {
    const rows = listings.map((listing) => {
      const { name, title, description, inputSchema } = listing;
      const all = estimateTokens(JSON.stringify(listing));
      return { name, all, input: estimateTokens(JSON.stringify({ name, title, description, inputSchema })) };
    });
    const sum = (key: 'all' | 'input'): number => rows.reduce((total, row) => total + row[key], 0);
    for (const { name, all, input } of rows)
      console.log(`        ${name}: ~${all} tokens, ~${input} without output schema`);
    console.log(`        together: ~${sum('all')} tokens, ~${sum('input')} without output schemas`);
    assert.ok(sum('all') < 7000);
    assert.ok(sum('input') < 3500);
  });

  for (const { tool, listing } of registry.all) {
    describe(tool.name, () => {
      it('is named, titled and described as the contract says', () => {
        assert.match(listing.name, /^[a-z0-9]+(_[a-z0-9]+)+$/);
        assert.ok(listing.name.length <= 40);
        assert.ok(listing.name.startsWith(`${tool.toolset}_`));
        assert.ok(listing.description.length <= 300);
        assert.match(listing.description, /Use it /, 'says when to use it');
        assert.match(listing.title, /^[A-Z][a-z]+( [a-z]+)+$/);
      });

      it('has all annotations, in accord with its access', () => {
        const { annotations } = listing;
        assert.deepEqual(Object.keys(annotations).sort(), [
          'destructiveHint',
          'idempotentHint',
          'openWorldHint',
          'readOnlyHint',
          'title',
        ]);
        assert.equal(annotations.readOnlyHint, tool.access === 'read');
        const writes = ['lambda_invoke_function'];
        assert.equal(tool.access, writes.includes(tool.name) ? 'write' : 'read');
        const outsiders = ['lambda_invoke_function', 's3_list_objects', 's3_get_object'];
        assert.equal(annotations.openWorldHint, outsiders.includes(tool.name));
      });

      it('has schemas that are valid JSON Schema 2020-12, self-contained and closed to unknown arguments', () => {
        const ajv = new Ajv2020({ strict: true, validateFormats: false });
        for (const schema of [listing.inputSchema, listing.outputSchema]) {
          assert.equal(ajv.validateSchema(schema), true, ajv.errorsText(ajv.errors));
          ajv.compile(schema);
          assert.equal(schema.type, 'object');
          assert.ok(!JSON.stringify(schema).includes('$ref'));
        }
        assert.equal(listing.inputSchema['additionalProperties'], false);
      });

      it('describes every input, and every output at the top', () => {
        for (const [path, schema] of membersOf(listing.inputSchema)) {
          assert.ok(typeof schema['description'] === 'string' && schema['description'].length > 3, path);
        }
        for (const [name, schema] of propertiesOf(listing.outputSchema)) {
          assert.ok(typeof schema['description'] === 'string' && schema['description'].length > 3, name);
        }
      });

      it('bounds every text and number that it takes', () => {
        const accepts = (input: object): boolean => registry.get(tool.name)?.input.safeParse(input).success ?? false;
        for (const [name, schema] of propertiesOf(listing.inputSchema)) {
          if (schema['type'] === 'string') assert.equal(accepts({ [name]: 'x'.repeat(1_000_000) }), false, name);
          if (schema['type'] === 'integer') {
            assert.equal(accepts({ [name]: -1 }), false, name);
            assert.equal(accepts({ [name]: Number.MAX_VALUE }), false, name);
          }
        }
      });

      it('has limit, cursor and nextCursor, or none of them', () => {
        const inputs = propertiesOf(listing.inputSchema).map(([name]) => name);
        const outputs = propertiesOf(listing.outputSchema).map(([name]) => name);
        const isList = tool.name.includes('_list_');
        assert.equal(inputs.includes('limit'), isList);
        assert.equal(inputs.includes('cursor'), isList);
        assert.equal(outputs.includes('nextCursor'), isList);
      });

      it('puts text of outsiders beside a notice', () => {
        if (!listing.annotations.openWorldHint) return;
        assert.ok(membersOf(listing.outputSchema).some(([path]) => path.endsWith('.notice')));
      });

      it('names its fields as the API does, in camelCase', () => {
        for (const [path] of [...membersOf(listing.inputSchema), ...membersOf(listing.outputSchema)]) {
          assert.match(path.split('.').at(-1) ?? '', /^[a-z][A-Za-z0-9]*$/, path);
        }
      });

      it('says which resources a call touches', () => {
        assert.ok(tool.scope === 'aws' && 'resources' in tool, 'patterns of the user would refuse it altogether');
      });

      it('is remembered only where it reads and no state that people wait for', () => {
        if (!tool.cache) return;
        assert.equal(tool.access, 'read');
        assert.ok(tool.cache.ttlSeconds <= 60);
        assert.match(tool.name, /_list_/);
      });

      it('names the IAM actions that it needs', () => {
        assert.ok(tool.iamActions.length > 0);
        for (const action of tool.iamActions) assert.match(action, /^[a-z0-9]+:[A-Z][A-Za-z]+$/);
      });
    });
  }
});
