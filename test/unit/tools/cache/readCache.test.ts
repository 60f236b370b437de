import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { IdentitySelection, IdentityService, IdentityState } from '../../../../src/aws/identity';
import { Emitter } from '../../../../src/core/emitter';
import { forgetOnIdentityChange } from '../../../../src/tools/cache/forgetOnIdentityChange';
import { ReadCache } from '../../../../src/tools/cache/readCache';

describe('ReadCache', () => {
  let time: number;

  beforeEach(() => {
    time = 0;
  });

  function open(maxBytes?: number): ReadCache {
    return new ReadCache({ now: () => time, ...(maxBytes === undefined ? {} : { maxBytes }) });
  }

  it('gives what it remembers, with its age in whole seconds, until its time is over', () => {
    const cache = open();
    cache.prepare('a').keep('{"x":1}', 10);
    assert.deepEqual(cache.find('a'), { json: '{"x":1}', ageSeconds: 0 });
    time = 9_999;
    assert.deepEqual(cache.find('a'), { json: '{"x":1}', ageSeconds: 9 });
    time = 10_000;
    assert.equal(cache.find('a'), undefined);
    assert.equal(cache.bytes, 0);
    assert.equal(cache.find('b'), undefined);
  });

  it('forgets everything when told to, and remembers no answer that was asked for before', () => {
    const cache = open();
    cache.prepare('a').keep('1', 10);
    const asked = cache.prepare('b');
    cache.clear();
    asked.keep('2', 10);
    assert.equal(cache.find('a'), undefined);
    assert.equal(cache.find('b'), undefined);
    cache.prepare('b').keep('3', 10);
    assert.equal(cache.find('b')?.json, '3');
  });

  it('holds its limit in bytes for anything that is put in, and drops what was not used for longest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.string({ unit: 'binary', maxLength: 60 }))),
        (puts) => {
          const cache = open(200);
          for (const [key, json] of puts) {
            cache.prepare(String(key)).keep(json, 10);
            assert.ok(cache.bytes <= 200);
          }
        },
      ),
    );
    const cache = open(40);
    for (const key of ['a', 'b', 'c', 'd']) cache.prepare(key).keep('1234567890', 10);
    cache.find('a');
    cache.prepare('e').keep('1234567890', 10);
    assert.equal(cache.find('b'), undefined);
    assert.ok(cache.find('a'));
    cache.prepare('huge').keep('x'.repeat(39), 10);
    assert.equal(cache.find('huge'), undefined);
  });

  it('makes one key of one question, whatever the order of its members', () => {
    assert.equal(ReadCache.keyOf(['t', { a: 1, b: 2 }]), ReadCache.keyOf(['t', { b: 2, a: 1 }]));
    assert.notEqual(ReadCache.keyOf(['t', { a: 1 }]), ReadCache.keyOf(['t', { a: '1' }]));
  });
});

describe('forgetOnIdentityChange', () => {
  const dev = { account: '123456789012', role: 'Dev', region: 'eu-west-1', profile: 'dev' };
  const active = (identity = dev): IdentityState => ({ kind: 'active', identity });

  /** How often it forgot, after each of the states. */
  function follow(first: IdentityState, ...then: { state: IdentityState; selection?: IdentitySelection }[]): number[] {
    const changed = new Emitter<IdentityState>();
    const identity = { state: first, selection: {} as IdentitySelection, onDidChange: changed.event };
    let forgotten = 0;
    const following = forgetOnIdentityChange(identity as IdentityService, () => forgotten++);
    const counts = then.map(({ state, selection }) => {
      identity.state = state;
      identity.selection = selection ?? identity.selection;
      changed.fire(state);
      return forgotten;
    });
    following.dispose();
    changed.fire(active({ ...dev, account: '999999999999' }));
    assert.equal(forgotten, counts.at(-1), 'no more after it was disposed of');
    return counts;
  }

  it('forgets when somebody else is picked, and when the one before signs out or is no longer known', () => {
    const expiring: IdentityState = { kind: 'expiring', identity: dev, expiresAt: 1, reason: 'soon' };
    assert.deepEqual(follow(active(), { state: expiring }, { state: active() }), [0, 0]);
    assert.deepEqual(follow(active(), { state: active({ ...dev, account: '999999999999' }) }), [1]);
    assert.deepEqual(follow(active(), { state: active({ ...dev, region: 'us-east-1' }) }), [1]);
    assert.deepEqual(follow(active(), { state: { kind: 'signedOut', reason: 'out' } }, { state: active() }), [1, 1]);
    const unverified: IdentityState = { kind: 'unverified', profile: 'dev' };
    assert.deepEqual(follow(unverified, { state: active() }), [0]);
    assert.deepEqual(
      follow(unverified, { state: unverified, selection: { profile: 'test' } }, { state: active() }),
      [1, 1],
    );
  });
});
