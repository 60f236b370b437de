import assert from 'node:assert/strict';
import { startPlatformHost } from './platformHost';
import { seededAws } from './toolCalls';

/** How many of a kind of resource keep the process alive now. */
function active(kind: string): number {
  return process.getActiveResourcesInfo().filter((each) => each === kind).length;
}

describe('1,000 calls of tools at once', () => {
  it('end with one outcome and one record each, whatever is cancelled, and leave no socket and no timer', async function () {
    this.timeout(120_000);
    const { aws, seed } = await seededAws();
    const sockets = active('TCPSocketWrap');
    const timers = active('Timeout');
    const rejections: unknown[] = [];
    const onRejection = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', onRejection);
    const host = await startPlatformHost(aws.env);
    const inputs: [string, object][] = [
      ['cloudformation_describe_stack', { stackName: seed.stacks.complete }],
      ['cloudformation_describe_stack', { stackName: 'there-is-none' }],
      ['s3_get_object', { bucket: seed.buckets.receipts, key: 'exports/orders.csv' }],
      ['s3_list_objects', { bucket: seed.buckets.logs }],
      ['lambda_list_functions', { fresh: true }],
      ['lambda_invoke_function', { functionName: seed.functions.node }],
      ['s3_list_buckets', {}],
      ['aws_get_caller_identity', { region: 'eu-west-1' }],
    ];
    const outcomes = await Promise.all(
      Array.from({ length: 1000 }, async (_, index) => {
        const controller = new AbortController();
        const timer = index % 3 === 0 ? setTimeout(() => controller.abort(), Math.random() * 2000) : undefined;
        const [name, given] = inputs[index % inputs.length] ?? ['', {}];
        const result = await host.pipeline.call({
          name,
          arguments: given,
          caller: { client: 'load', sessionId: `c${index % 5}` },
          signal: controller.signal,
          reportProgress: () => undefined,
          onAwsRequest: () => undefined,
          clientAsker: undefined,
        });
        clearTimeout(timer);
        const [text] = result?.content ?? [];
        assert.ok(text?.type === 'text');
        return result?.isError ? (JSON.parse(text.text) as { code: string }).code : 'ok';
      }),
    );
    const counts = new Map<string, number>();
    for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    const expected = ['ok', 'Cancelled', 'NotFound', 'PolicyDenied', 'ConsentRefused'];
    assert.ok(
      [...counts.keys()].every((code) => expected.includes(code)),
      JSON.stringify([...counts]),
    );
    const recorded = await host.recorded();
    assert.equal(recorded.length, 1000);
    const recordedCounts = new Map<string, number>();
    for (const { outcome, errorCode } of recorded) {
      const code = outcome === 'ok' ? 'ok' : (errorCode ?? 'none');
      recordedCounts.set(code, (recordedCounts.get(code) ?? 0) + 1);
    }
    assert.deepEqual(recordedCounts, counts);
    await host.dispose();
    // What was destroyed is gone with the next turns.
    for (let turn = 0; turn < 50 && active('TCPSocketWrap') > sockets; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    process.off('unhandledRejection', onRejection);
    assert.deepEqual(rejections, []);
    assert.ok(active('TCPSocketWrap') <= sockets, `${active('TCPSocketWrap')} sockets, ${sockets} before`);
    assert.ok(active('Timeout') <= timers + 1, `${active('Timeout')} timers, ${timers} before`);
  });
});
