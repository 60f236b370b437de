import * as assert from 'node:assert/strict';
import { completeSigning, signedEndpointOf } from '../../../../src/mcp/upstream/requestSigning';

describe('request signing', () => {
  it('knows the hosts that serve MCP behind IAM, and no others', () => {
    const hosts: [string, string][] = [
      ['https://abcdefghij.lambda-url.eu-west-1.on.aws/mcp', 'lambda eu-west-1'],
      ['https://a1b2c3.execute-api.us-gov-west-1.amazonaws.com/prod/mcp', 'execute-api us-gov-west-1'],
      ['https://a1b2c3.execute-api.cn-north-1.amazonaws.com.cn/mcp', 'execute-api cn-north-1'],
      ['https://x-vpce-0a1.execute-api.us-east-1.vpce.amazonaws.com/mcp', 'execute-api us-east-1'],
      [
        'https://bedrock-agentcore.us-west-2.amazonaws.com/runtimes/arn%3Aaws/invocations?qualifier=DEFAULT',
        'bedrock-agentcore us-west-2',
      ],
      ['https://gw-1.gateway.bedrock-agentcore.us-east-1.amazonaws.com/mcp', 'bedrock-agentcore us-east-1'],
    ];
    for (const [url, expected] of hosts) {
      const { service, region } = signedEndpointOf(url) ?? {};
      assert.equal(`${service} ${region}`, expected, url);
    }
    for (const url of [
      'https://abc.lambda-url.eu-west-1.on.aws.example.com/mcp',
      'https://example.com/abc.lambda-url.eu-west-1.on.aws',
      'https://lambda.eu-west-1.amazonaws.com/',
      'https://xbedrock-agentcore.us-east-1.amazonaws.com/mcp',
      'not a url',
    ]) {
      assert.equal(signedEndpointOf(url), undefined, url);
    }
  });

  it('takes from the host what the user left out, and from the user what they said', () => {
    const url = 'https://abc.lambda-url.eu-west-1.on.aws/mcp';
    assert.deepEqual(completeSigning(url, {}), { service: 'lambda', region: 'eu-west-1' });
    assert.deepEqual(completeSigning(url, { region: 'eu-west-2', profile: 'dev' }), {
      service: 'lambda',
      region: 'eu-west-2',
      profile: 'dev',
    });
    const custom = 'https://mcp.example.com/';
    assert.throws(() => completeSigning(custom, { service: 'execute-api' }), /which AWS region/);
    assert.throws(() => completeSigning(custom, { region: 'eu-west-1' }), /which AWS service/);
  });

  it('sends nothing signed over a network in the clear', () => {
    const given = { service: 'lambda', region: 'eu-west-1' } as const;
    assert.throws(() => completeSigning('http://mcp.example.com/', given), /https only/);
    assert.throws(() => completeSigning('http://127.0.0.1.example.com/', given), /https only/);
    assert.equal(completeSigning('http://127.0.0.1:3000/', given).service, 'lambda');
  });
});
