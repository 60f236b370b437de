import assert from 'node:assert/strict';
import { SSO } from '@aws-sdk/client-sso';
import { SSOOIDC } from '@aws-sdk/client-sso-oidc';
import { WorkbenchError } from '../../../../src/core/errors';
import { partitionOf, ssoEndpoints } from '../../../../src/aws/sso/ssoEndpoints';

describe('ssoEndpoints', () => {
  const regions: [region: string, partition: string][] = [
    ['us-east-1', 'aws'],
    ['eu-west-1', 'aws'],
    ['ap-southeast-5', 'aws'],
    ['mx-central-1', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['cn-northwest-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['us-gov-east-1', 'aws-us-gov'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eu-isoe-west-1', 'aws-iso-e'],
    ['us-isof-south-1', 'aws-iso-f'],
    ['eusc-de-east-1', 'aws-eusc'],
  ];

  for (const [region, partition] of regions) {
    it(`agrees with the SDK on ${region}`, () => {
      const client = new SSOOIDC({ region });
      const portal = new SSO({ region });
      const parameters = { Region: region, UseFIPS: false, UseDualStack: false };
      const endpoints = ssoEndpoints(region);
      assert.equal(`${endpoints.oidc}/`, client.config.endpointProvider(parameters).url.href);
      assert.equal(`${endpoints.portal}/`, portal.config.endpointProvider(parameters).url.href);
      assert.equal(partitionOf(region), partition);
      client.destroy();
      portal.destroy();
    });
  }

  it('takes overrides that are https or on the loopback address, and none else', () => {
    assert.deepEqual(ssoEndpoints('eu-west-1', { oidc: 'http://127.0.0.1:4000/' }), {
      oidc: 'http://127.0.0.1:4000',
      portal: 'https://portal.sso.eu-west-1.amazonaws.com',
    });
    assert.equal(ssoEndpoints('eu-west-1', { portal: 'https://sso.example/' }).portal, 'https://sso.example');
    for (const oidc of ['http://sso.example', 'ftp://127.0.0.1', 'oidc', 'http://127.0.0.1.evil.example']) {
      assert.throws(
        () => ssoEndpoints('eu-west-1', { oidc }),
        (error) => WorkbenchError.is(error, 'InvalidInput'),
      );
    }
  });

  it('lets nothing into a host name that is no region', () => {
    for (const region of [
      '',
      'EU-WEST-1',
      'eu-west-1.evil.example',
      'eu-west-1/',
      'evil.example#-eu-1',
      'eu-west',
      'a@b-1',
    ]) {
      assert.throws(
        () => ssoEndpoints(region),
        (error) => WorkbenchError.is(error, 'InvalidInput'),
      );
    }
  });
});
