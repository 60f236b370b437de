import assert from 'node:assert/strict';
import { chooseFlow } from '../../../../src/editor/signIn/chooseFlow';
import { suggestProfileName, suggestSessionName } from '../../../../src/editor/signIn/sessionNames';

describe('chooseFlow', () => {
  it('takes the browser only where it can come back to the extension host', () => {
    assert.equal(chooseFlow('auto', { remoteName: undefined, isWeb: false }), 'browser');
    for (const remoteName of ['ssh-remote', 'wsl', 'dev-container', 'codespaces', 'tunnel']) {
      assert.equal(chooseFlow('auto', { remoteName, isWeb: false }), 'deviceCode', remoteName);
    }
    assert.equal(chooseFlow('auto', { remoteName: undefined, isWeb: true }), 'deviceCode');
  });

  it('does what the user set, wherever it is', () => {
    assert.equal(chooseFlow('browser', { remoteName: 'ssh-remote', isWeb: true }), 'browser');
    assert.equal(chooseFlow('deviceCode', { remoteName: undefined, isWeb: false }), 'deviceCode');
  });
});

describe('names for new sections', () => {
  it('come from the organisation and never meet one that exists', () => {
    assert.equal(suggestSessionName('https://acme.awsapps.com/start', new Set()), 'acme');
    assert.equal(suggestSessionName('https://acme.awsapps.com/start', new Set(['acme'])), 'acme-2');
    assert.equal(suggestSessionName('http://127.0.0.1:4566/start', new Set()), 'my-sso');
    assert.equal(suggestProfileName('Acme Dev (EU)', 'Read/Only', new Set()), 'Acme-Dev-EU-Read-Only');
    assert.equal(suggestProfileName('dev', 'Admin', new Set(['dev-Admin', 'dev-Admin-2'])), 'dev-Admin-3');
    assert.equal(suggestProfileName('***', '///', new Set()), 'profile');
  });
});
