import assert from 'node:assert/strict';
import * as z from 'zod';
import { Emitter } from '../../../src/core/emitter';
import { WorkbenchError } from '../../../src/core/errors';
import { Policy, type PolicySettings } from '../../../src/tools/policy';
import { defineAwsTool, type ToolAccess, type Toolset } from '../../../src/tools/tool';

const names = {
  access: 'mcpWorkbench.access',
  toolsets: 'mcpWorkbench.toolsets',
  allowedProfiles: 'mcpWorkbench.allowedProfiles',
  allowedRegions: 'mcpWorkbench.allowedRegions',
};

const readOnly: PolicySettings = {
  access: 'readOnly',
  toolsets: ['s3'],
  allowedProfiles: ['dev'],
  allowedRegions: ['eu-west-1'],
};

function policyFor(current: PolicySettings): Policy {
  return new Policy({ current, onDidChange: new Emitter<void>().event }, names);
}

function tool(access: ToolAccess, toolset: Toolset) {
  return defineAwsTool({
    name: 'a_b',
    title: 'Do it',
    description: 'Does it.',
    toolset,
    access,
    openWorld: false,
    iamActions: [],
    input: z.object({}),
    output: z.object({}),
    run: () => Promise.resolve({}),
  });
}

function refusalOf(action: () => void): WorkbenchError {
  try {
    action();
  } catch (error) {
    assert.ok(WorkbenchError.is(error, 'PolicyDenied'));
    return error;
  }
  return assert.fail('was not refused');
}

describe('Policy', () => {
  it('refuses everything that is not a read in read-only mode, and names the setting and value that allow it', () => {
    const policy = policyFor(readOnly);
    assert.equal(policy.allows(tool('read', 's3')), true);
    for (const access of ['write', 'destructive'] as const) {
      assert.equal(policy.allows(tool(access, 's3')), false);
      const { remedy, retryable } = refusalOf(() => policy.check(tool(access, 's3')));
      assert.match(remedy, /mcpWorkbench\.access.*"readWrite"/);
      assert.equal(retryable, false);
    }
    assert.equal(policyFor({ ...readOnly, access: 'readWrite' }).allows(tool('destructive', 's3')), true);
  });

  it('refuses tools of toolsets that are off, also reads', () => {
    const policy = policyFor({ ...readOnly, access: 'readWrite' });
    assert.equal(policy.allows(tool('read', 'lambda')), false);
    assert.match(refusalOf(() => policy.check(tool('read', 'lambda'))).remedy, /"lambda" to mcpWorkbench\.toolsets/);
  });

  it('refuses profiles and regions that are neither current nor allowed', () => {
    const policy = policyFor(readOnly);
    const current = { profile: 'sandbox', region: 'us-east-1' };
    for (const request of [
      {},
      { profile: 'sandbox' },
      { profile: 'dev' },
      { region: 'us-east-1' },
      { profile: 'dev', region: 'eu-west-1' },
    ]) {
      policy.checkIdentity(request, current);
    }
    for (const profile of ['prod', 'DEV', 'dev ', 'sandbox2', '', '*']) {
      assert.match(refusalOf(() => policy.checkIdentity({ profile }, current)).remedy, /mcpWorkbench\.allowedProfiles/);
    }
    for (const region of ['eu-west-2', 'EU-WEST-1', '', 'eu-west-11']) {
      assert.match(refusalOf(() => policy.checkIdentity({ region }, current)).remedy, /mcpWorkbench\.allowedRegions/);
    }
    assert.throws(() => policy.checkIdentity({ profile: 'dev', region: 'eu-west-2' }, current));
    assert.throws(() => policy.checkIdentity({ profile: 'sandbox' }, {}));
  });

  it('follows the settings as they change', () => {
    const source = { current: readOnly, onDidChange: new Emitter<void>().event };
    const policy = new Policy(source, names);
    assert.equal(policy.allows(tool('write', 's3')), false);
    source.current = { ...readOnly, access: 'readWrite' };
    assert.equal(policy.allows(tool('write', 's3')), true);
  });
});
