import assert from 'node:assert/strict';
import { readAccounts, readFlow, readSsoEndpoints } from '../../../../src/editor/settings/userSettings';

describe('Settings that only the user decides', () => {
  const evil = { oidc: 'https://evil.example', portal: 'https://evil.example' };

  it('never come from a workspace', () => {
    assert.deepEqual(readSsoEndpoints({ workspaceValue: evil, workspaceFolderValue: evil, defaultValue: {} }), {});
    assert.equal(readFlow({ defaultValue: 'auto', workspaceValue: 'browser' }), 'auto');
    const said = { '111122223333': { label: 'dev', production: false } };
    assert.equal(readAccounts({ workspaceValue: said, defaultValue: {} }).size, 0);
  });

  it('are taken from the user, whatever has the wrong type left out', () => {
    assert.deepEqual(readSsoEndpoints({ globalValue: { oidc: 'https://oidc.example', portal: 7 } }), {
      oidc: 'https://oidc.example',
    });
    assert.deepEqual(readSsoEndpoints({ globalValue: 'https://oidc.example' }), {});
    assert.equal(readFlow({ globalValue: 'deviceCode' }), 'deviceCode');
    assert.equal(readFlow({ globalValue: 'carrierPigeon', defaultValue: 'auto' }), 'auto');
    const accounts = readAccounts({
      globalValue: {
        '111122223333': { label: '  shop  ', color: 'red', production: true },
        '444455556666': { label: 5, color: 'pink', production: 'yes' },
        '12': { label: 'short' },
      },
    });
    assert.deepEqual(
      [...accounts],
      [
        ['111122223333', { label: 'shop', color: 'red', production: true }],
        ['444455556666', {}],
      ],
    );
  });
});
