import assert from 'node:assert/strict';
import { WorkbenchError } from '../../../../src/core/errors';
import { parseStartUrl } from '../../../../src/aws/sso/ssoSession';

describe('parseStartUrl', () => {
  const accepted: [pasted: string, startUrl: string][] = [
    ['https://d-0123456789.awsapps.com/start', 'https://d-0123456789.awsapps.com/start'],
    ['  https://acme.awsapps.com/start#/  ', 'https://acme.awsapps.com/start'],
    ['https://acme.awsapps.com/start/#/?tab=accounts', 'https://acme.awsapps.com/start/'],
    [
      'https://identitycenter.amazonaws.com/ssoins-1234567890abcdef',
      'https://identitycenter.amazonaws.com/ssoins-1234567890abcdef',
    ],
    ['https://start.us-gov-home.awsapps.com/directory/acme', 'https://start.us-gov-home.awsapps.com/directory/acme'],
    ['https://start.home.awsapps.cn/directory/acme', 'https://start.home.awsapps.cn/directory/acme'],
    ['https://ssoins-1.portal.eu-west-1.app.aws', 'https://ssoins-1.portal.eu-west-1.app.aws'],
    ['http://127.0.0.1:4000/start', 'http://127.0.0.1:4000/start'],
  ];
  for (const [pasted, startUrl] of accepted) {
    it(`takes ${pasted.trim()}`, () => assert.equal(parseStartUrl(pasted), startUrl));
  }

  for (const pasted of [
    '',
    'acme',
    'http://acme.awsapps.com/start',
    'javascript:alert(1)',
    'https://user:secret@acme.awsapps.com/start',
    'https://acme.awsapps.com/start\nsso_region = x',
    'https://acme.awsapps.com/st art',
  ]) {
    it(`refuses ${JSON.stringify(pasted)}`, () => {
      assert.throws(
        () => parseStartUrl(pasted),
        (error) => WorkbenchError.is(error, 'InvalidInput'),
      );
    });
  }
});
