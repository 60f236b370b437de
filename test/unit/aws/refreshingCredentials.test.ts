import assert from 'node:assert/strict';
import { RefreshingCredentials, type FoundCredentials } from '../../../src/aws/credentials';

describe('RefreshingCredentials', () => {
  /** Loads that each give credentials ending after the next of the given times, in ms; throws where it is an error. */
  function source(...lives: (number | undefined | Error)[]) {
    const late: unknown[] = [];
    let loads = 0;
    let now = 1_000_000;
    const credentials = new RefreshingCredentials<FoundCredentials>(
      async () => {
        const life = lives[loads++];
        if (life instanceof Error) throw life;
        return {
          credentials: {
            accessKeyId: String(loads),
            secretAccessKey: 's',
            ...(life === undefined ? {} : { expiration: new Date(now + life) }),
          },
        };
      },
      (error) => late.push(error),
      () => now,
    );
    const get = async () => (await credentials.get()).credentials.accessKeyId;
    return { get, late, loads: () => loads, pass: (time: number) => (now += time) };
  }

  const minute = 60_000;

  it('loads once for all who ask at once, and keeps what does not expire', async () => {
    const { get, loads } = source(undefined);
    assert.deepEqual(await Promise.all([get(), get(), get()]), ['1', '1', '1']);
    assert.equal(await get(), '1');
    assert.equal(loads(), 1);
  });

  it('renews five minutes before the end', async () => {
    const { get, pass } = source(60 * minute, 60 * minute);
    assert.equal(await get(), '1');
    pass(54 * minute);
    assert.equal(await get(), '1');
    pass(minute);
    assert.equal(await get(), '2');
  });

  it('does not renew short-lived credentials at every use', async () => {
    const { get, pass } = source(4 * minute, 4 * minute);
    assert.equal(await get(), '1');
    pass(minute);
    assert.equal(await get(), '1');
    pass(minute);
    assert.equal(await get(), '2');
  });

  it('goes on with credentials that are still good when renewing fails, without trying at every use', async () => {
    const failure = new Error('no network');
    const { get, late, loads, pass } = source(60 * minute, failure, 60 * minute, failure);
    await get();
    pass(56 * minute);
    assert.equal(await get(), '1');
    assert.equal(await get(), '1');
    assert.deepEqual(late, [failure]);
    assert.equal(loads(), 2);
    pass(minute);
    assert.equal(await get(), '3');
    pass(61 * minute);
    await assert.rejects(get(), /no network/);
  });

  it('throws what loading throws where there is nothing to go on with, and tries again', async () => {
    const { get } = source(new Error('first'), undefined);
    await assert.rejects(get(), /first/);
    assert.equal(await get(), '2');
  });
});
