import assert from 'node:assert/strict';
import { invokeFunction } from '../../../../src/tools/lambda/invokeFunction';
import { getFunction } from '../../../../src/tools/lambda/getFunction';
import { awsResources } from '../../../../src/tools/resources/awsResources';
import { bucketNames, functionNames, objectKeys, stackNames } from '../../../../src/tools/resources/nameSource';
import { defineResource, type ResourceDeclaration } from '../../../../src/tools/resources/resource';
import { ResourceRegistry } from '../../../../src/tools/resources/resourceRegistry';
import { awsTools } from '../../../../src/tools/awsTools';
import { UriTemplate } from '../../../../src/tools/resources/uriTemplate';

const good: ResourceDeclaration = {
  name: 'function',
  title: 'Function',
  description: 'A function.',
  uriTemplate: 'lambda://{function}',
  tool: getFunction,
};

function refuses(change: Partial<ResourceDeclaration>, message: RegExp): void {
  assert.throws(() => new ResourceRegistry([defineResource({ ...good, ...change })]), message);
}

describe('ResourceRegistry', () => {
  it('refuses what breaks the contract', () => {
    assert.equal(new ResourceRegistry([defineResource(good)]).all.length, 1);
    refuses({ name: 'Function' }, /kebab case/);
    refuses({ title: ' ' }, /title or description/);
    refuses({ description: 'x'.repeat(301) }, /over 300/);
    refuses({ tool: invokeFunction }, /only reads/);
    refuses({ uriTemplate: 'lambda://{+function}' }, /level 1/);
    refuses({ complete: { name: functionNames } }, /no variable name/);
    const twin = defineResource({ ...good, uriTemplate: 'x://{y}' });
    assert.throws(() => new ResourceRegistry([defineResource(good), twin]), /Two resources have the name/);
    const double = defineResource({ ...good, name: 'other' });
    assert.throws(() => new ResourceRegistry([defineResource(good), double]), /Two resources have the URI/);
  });

  it('finds the resource of a URI', () => {
    const registry = new ResourceRegistry(awsResources);
    assert.equal(registry.find('s3://b/a/b')?.registered.resource.name, 'object');
    assert.deepEqual(registry.find('lambda://f/configuration')?.variables, { function: 'f' });
    assert.equal(registry.find('lambda://f'), undefined);
  });
});

describe('The resources', () => {
  for (const resource of awsResources) {
    it(`${resource.name} gives its tool arguments that it takes, and completes every variable`, () => {
      const { variables } = new UriTemplate(resource.uriTemplate);
      const input = resource.toArguments(Object.fromEntries(variables.map((name) => [name, 'orders'])));
      assert.ok(resource.tool.input.safeParse(input).success);
      assert.deepEqual(Object.keys(resource.complete), [...variables]);
      assert.deepEqual(resource.iamActions, resource.tool.iamActions);
    });
  }

  it('take their names from list tools, with arguments that those take', () => {
    for (const source of [stackNames, functionNames, bucketNames, objectKeys]) {
      const tool = awsTools.find(({ name }) => name === source.tool);
      for (const prefix of ['', 'orders']) {
        assert.ok(tool?.input.safeParse(source.toArguments(prefix, { bucket: 'orders' })).success, source.tool);
      }
      assert.deepEqual(source.toNames({}), []);
      assert.deepEqual(
        source.toNames({ stackSummaries: 'x', functions: [7, {}], buckets: [null], contents: [[]] }),
        [],
      );
    }
    assert.equal(objectKeys.toArguments('x', {}), undefined);
  });
});
