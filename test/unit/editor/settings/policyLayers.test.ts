import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { policyLayers, toolsetChoices, type ReadLayers } from '../../../../src/editor/settings/policyLayers';
import type { SettingLayers } from '../../../../src/editor/settings/settings';
import type { SettingName } from '../../../../src/editor/settings/settingValues';
import { tightenPolicy } from '../../../../src/tools/policy/tightenPolicy';
import { toolsets } from '../../../../src/tools/tool';
import { chosenToolsets } from '../../../../src/tools/toolsets/toolsetChoice';

const defaults: Partial<Record<SettingName, unknown>> = {
  access: 'readOnly',
  toolsets: ['auto', 'aws', 'cloudformation', 'lambda', 's3'],
  tools: {},
  allowedProfiles: [],
  allowedRegions: [],
  'resources.allow': [],
  'resources.deny': [],
  productionWrites: [],
};

function reading(said: Partial<Record<SettingName, SettingLayers<unknown>>>): ReadLayers {
  return (name) => ({ defaultValue: defaults[name], ...said[name] });
}

function policyOf(said: Partial<Record<SettingName, SettingLayers<unknown>>>) {
  const { user, workspaces } = policyLayers(reading(said));
  return tightenPolicy(user, workspaces);
}

describe('policyLayers', () => {
  it('is read-only without a setting', () => {
    assert.equal(policyOf({}).access, 'readOnly');
    assert.deepEqual(policyOf({}).resources, []);
  });

  it('takes what the user says before the defaults', () => {
    const said = policyOf({
      access: { globalValue: 'readWrite' },
      tools: { globalValue: { s3_get_object: 'ask' } },
      'resources.deny': { globalValue: ['arn:aws:s3:::secret'] },
    });
    assert.equal(said.access, 'readWrite');
    assert.deepEqual(said.tools, { s3_get_object: 'ask' });
    assert.deepEqual(said.resources, [{ allow: [], deny: ['arn:aws:s3:::secret'] }]);
  });

  it('takes a workspace and its folder for restrictions, each of its own', () => {
    const said = policyOf({
      access: { globalValue: 'readWrite', workspaceValue: 'readWrite', workspaceFolderValue: 'readOnly' },
      'resources.allow': { globalValue: ['arn:aws:s3:::*'], workspaceValue: ['*'] },
    });
    assert.equal(said.access, 'readOnly');
    assert.deepEqual(said.resources, [
      { allow: ['arn:aws:s3:::*'], deny: [] },
      { allow: ['*'], deny: [] },
    ]);
  });

  it('takes production accounts from what the user alone says about accounts', () => {
    const { productionAccounts } = policyOf({
      accounts: {
        globalValue: { 444455556666: { production: true }, 111122223333: { label: 'dev' } },
        workspaceValue: { 444455556666: { production: false }, 777788889999: { production: true } },
      },
    });
    assert.deepEqual(productionAccounts, ['444455556666']);
  });

  it('gives a workspace nothing that the user does not have, whatever stands in its settings', () => {
    const value = fc.oneof(
      fc.anything(),
      fc.constant('readWrite'),
      fc.constant(['prod']),
      fc.dictionary(fc.constantFrom('lambda_invoke_function'), fc.constantFrom('allow', 'ask', 'deny')),
    );
    fc.assert(
      fc.property(value, (workspaceValue) => {
        const all = Object.fromEntries(Object.keys(defaults).map((name) => [name, { workspaceValue }]));
        const said = policyOf(all);
        assert.equal(said.access, 'readOnly');
        assert.deepEqual(said.allowedProfiles, []);
        assert.deepEqual(said.productionWrites, []);
        assert(!Object.values(said.tools ?? {}).includes('allow'));
      }),
    );
  });
});

describe('toolsetChoices', () => {
  it('adds what is detected to what is on anyway', () => {
    const { user, restrictions } = toolsetChoices(reading({}));
    assert.deepEqual(chosenToolsets(user, restrictions, []), ['aws', 'cloudformation', 'lambda', 's3']);
    assert.deepEqual(chosenToolsets(user, restrictions, ['cdk']), [...toolsets]);
  });

  it('lets a workspace leave some out', () => {
    const { user, restrictions } = toolsetChoices(reading({ toolsets: { workspaceValue: ['s3', 'cdk'] } }));
    assert.deepEqual(chosenToolsets(user, restrictions, []), ['s3']);
  });
});
