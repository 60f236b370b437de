import * as assert from 'node:assert/strict';
import { ListObserver } from '../../../../src/mcp/upstream/listObserver';
import { TrafficRecorder } from '../../../../src/traffic/trafficRecorder';

describe('ListObserver', () => {
  const info = { server: 's', client: 'c', session: '1', era: 'legacy' } as const;
  let recorder: TrafficRecorder;
  let lists: string[][];
  let changed: string[];
  let observer: ListObserver;

  beforeEach(() => {
    recorder = new TrafficRecorder();
    lists = [];
    changed = [];
    observer = new ListObserver(recorder, {
      onTools: (tools) => lists.push(tools.map(({ name }) => name)),
      onListChanged: (list) => changed.push(list),
    });
  });
  afterEach(() => recorder.dispose());

  const request = (id: unknown, cursor?: string): object => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/list',
    params: cursor === undefined ? {} : { cursor },
  });
  const answer = (id: unknown, names: string[], nextCursor?: string): object => ({
    jsonrpc: '2.0',
    id,
    result: {
      tools: names.map((name) => ({ name, inputSchema: {} })),
      ...(nextCursor === undefined ? {} : { nextCursor }),
    },
  });

  it('tells of a list when its last page was read, whatever channels the pages went by', () => {
    const first = observer.openChannel(info);
    first.message('clientToServer', request(1));
    first.message('serverToClient', answer(1, ['a', 'b'], 'next'));
    assert.deepEqual(lists, []);
    const second = observer.openChannel(info);
    second.message('clientToServer', request('x', 'next'));
    second.message('serverToClient', answer('x', ['c']));
    assert.deepEqual(lists, [['a', 'b', 'c']]);
    // Nobody saw what came before this page.
    second.message('clientToServer', request(2, 'unknown'));
    second.message('serverToClient', answer(2, ['d']));
    assert.equal(lists.length, 1);
  });

  it('reads what the server said, not what a filter made of it', () => {
    const channel = observer.openChannel(info);
    channel.message('clientToServer', request(1));
    channel.message('serverToClient', answer(1, ['x_a']), 10, answer(1, ['a', 'secret']));
    assert.deepEqual(lists, [['a', 'secret']]);
  });

  it('takes nothing for a list that is none, and hands all of it on', () => {
    const channel = observer.openChannel(info);
    channel.message('serverToClient', answer(1, ['a']));
    channel.message('clientToServer', request(2));
    channel.message('serverToClient', { jsonrpc: '2.0', id: 2, error: { code: -32_603, message: 'no' } });
    channel.message('clientToServer', request(3));
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      id: 3,
      result: { tools: [null, 4, { name: 5 }, { name: 'a' }] },
    });
    for (const list of ['tools', 'resources', 'prompts']) {
      channel.message('serverToClient', { jsonrpc: '2.0', method: `notifications/${list}/list_changed` });
    }
    channel.close();
    assert.deepEqual(lists, [['a']]);
    assert.deepEqual(changed, ['tools', 'resources', 'prompts']);
    let count = 0;
    recorder.forEach(() => count++);
    assert.equal(count, 8);
  });
});
