import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { WireSummary } from '../../../src/traffic/wireRecord';
import { callAsChat, chatToolName, connectEditor, container, until, world } from './editor';

describe("The editor's own MCP client", () => {
  before(async () => {
    await vscode.commands.executeCommand('mcpWorkbench.identity.selectProfile', world().profiles.dev.name);
    await connectEditor();
  });

  it('lists our tools', () => {
    for (const name of ['aws_get_caller_identity', 'lambda_list_functions', 's3_list_buckets']) {
      assert(chatToolName(name), name);
    }
  });

  it('is listed among the connections with its name and protocol version', async () => {
    const { host } = await container();
    const [connection] = host.connections.filter(({ transport }) => transport === 'socket');
    assert(connection);
    assert.match(connection.name, /code/i);
    assert.equal(connection.era, 'legacy');
    assert.match(connection.protocolVersion, /^\d{4}-\d\d-\d\d$/);
  });

  it('gets a stack that exists only in the local AWS', async () => {
    const { dev } = world().profiles;
    const text = await callAsChat('cloudformation_list_stacks', {});
    assert.match(text, new RegExp(`"stackName":"${dev.stack}"`));
    const answer = JSON.parse(text) as { identity: { account: string; region: string; profile: string } };
    assert.equal(answer.identity.account, dev.account);
    assert.equal(answer.identity.region, dev.region);
    assert.equal(answer.identity.profile, dev.name);
  });

  it('leaves the call in the recorder with the AWS request that it made', async () => {
    const { recorder } = await container();
    recorder.clear();
    await callAsChat('cloudformation_list_stacks', { fresh: true });
    const record = await until('the record of the answered call', () => {
      const found: WireSummary[] = [];
      recorder.forEach((summary) => {
        const { kind, target, status } = summary;
        if (kind === 'request' && target === 'cloudformation_list_stacks' && status !== 'pending') found.push(summary);
      });
      return found[0] && recorder.get(found[0].seq);
    });
    assert.equal(record.status, 'ok');
    assert.deepEqual(
      record.awsRequests?.map(({ service, operation }) => `${service}.${operation}`),
      ['CloudFormation.ListStacks'],
    );
    assert.equal(record.awsRequests?.[0]?.httpStatus, 200);
  });

  it('gets the error text of a tool for bad arguments', async () => {
    const answer = await callAsChat('cloudformation_describe_stack', { stackname: 'misspelt' });
    assert.match(answer, /"code":"InvalidInput"/);
    assert.match(answer, /stackName/);
  });
});
