import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { numberSettings, toSettingValue } from '../../../../src/editor/settings/settingValues';

describe('toSettingValue', () => {
  it('brings numbers into their range', () => {
    assert.equal(toSettingValue('results.maxBytes', 1), 4096);
    assert.equal(toSettingValue('results.maxBytes', 1e12), 1_048_576);
    assert.equal(toSettingValue('externalAccess.port', 4711.4), 4711);
  });

  it('makes a usable number of anything', () => {
    const names = Object.keys(numberSettings) as (keyof typeof numberSettings)[];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.anything(), (name, value) => {
        const { minimum, maximum } = numberSettings[name];
        const made = toSettingValue(name, value);
        assert(Number.isInteger(made) && made >= minimum && made <= maximum);
      }),
    );
  });

  it('switches something on only for true itself', () => {
    assert.equal(toSettingValue('externalAccess.enabled', true), true);
    for (const value of ['true', 1, {}, undefined])
      assert.equal(toSettingValue('externalAccess.enabled', value), false);
  });
});
