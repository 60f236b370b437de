import assert from 'node:assert/strict';
import { silentLogger } from '../../../../src/core/logger';
import { ConsentQueue, type ConsentChoice, type ConsentDialogs } from '../../../../src/editor/consent/consentQueue';
import type { ConsentRequest } from '../../../../src/tools/consent';

function request(resource: string): ConsentRequest {
  return {
    plan: { action: 'Invoke function', resource, details: [] },
    tool: 'lambda_invoke_function',
    access: 'write',
    client: 'agent',
    sessionId: 's1',
    identity: undefined,
    hash: 'f'.repeat(64),
  };
}

/** A person at the editor: the test decides what they see and when they click. */
class Person implements ConsentDialogs {
  readonly seen: string[] = [];
  readonly told: string[] = [];
  readonly #open: ((choice: ConsentChoice) => void)[] = [];

  askFirst({ plan }: ConsentRequest): Promise<ConsentChoice> {
    return this.#see(plan.resource);
  }

  askWithDetails({ plan }: ConsentRequest): Promise<ConsentChoice> {
    return this.#see(`${plan.resource} in detail`);
  }

  sayTooLate(): void {
    this.told.push('too late');
  }

  /** Answers the question that is on screen. */
  async click(choice: ConsentChoice): Promise<void> {
    const answer = this.#open.shift();
    assert(answer, 'there is no question on screen');
    answer(choice);
    await settled();
  }

  #see(what: string): Promise<ConsentChoice> {
    this.seen.push(what);
    return new Promise((resolve) => this.#open.push(resolve));
  }
}

/** Lets everything that is ready go on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('ConsentQueue', () => {
  const never = new AbortController().signal;
  let person: Person;
  let queue: ConsentQueue;

  function make(timeoutMs = 60_000): void {
    person = new Person();
    queue = new ConsentQueue({ dialogs: person, timeoutMs: () => timeoutMs, logger: silentLogger });
  }

  beforeEach(() => make());
  afterEach(() => queue.dispose());

  for (const [choice, expected] of [
    ['agree', { kind: 'allowed', by: 'editor' }],
    ['decline', { kind: 'refused', reason: 'declined' }],
    ['dismiss', { kind: 'refused', reason: 'dismissed' }],
  ] as const) {
    it(`answers "${choice}"`, async () => {
      const answer = queue.ask(request('a'), never);
      await settled();
      await person.click(choice);
      assert.deepEqual(await answer, expected);
    });
  }

  it('agrees for the session only where that was offered', async () => {
    for (const offersGrant of [true, false]) {
      const answer = queue.ask({ ...request('a'), offersGrant }, never);
      await settled();
      await person.click('agreeForSession');
      const expected = offersGrant
        ? { kind: 'allowed', by: 'editor', grant: 'session' }
        : { kind: 'refused', reason: 'dismissed' };
      assert.deepEqual(await answer, expected);
    }
  });

  it('asks again beside the details', async () => {
    const answer = queue.ask(request('a'), never);
    await settled();
    await person.click('details');
    assert.deepEqual(person.seen, ['a', 'a in detail']);
    await person.click('agree');
    assert.deepEqual(await answer, { kind: 'allowed', by: 'editor' });
  });

  it('shows one question at a time, in the order of asking', async () => {
    const first = queue.ask(request('a'), never);
    const second = queue.ask(request('b'), never);
    await settled();
    assert.deepEqual(person.seen, ['a']);
    await person.click('decline');
    assert.deepEqual(person.seen, ['a', 'b']);
    await person.click('agree');
    assert.deepEqual(await first, { kind: 'refused', reason: 'declined' });
    assert.deepEqual(await second, { kind: 'allowed', by: 'editor' });
  });

  it('counts a question that nobody answers as refused, and a later yes to it as nothing', async () => {
    make(1);
    const answer = await queue.ask(request('a'), never);
    assert.deepEqual(answer, { kind: 'refused', reason: 'timedOut' });
    await person.click('agree');
    assert.deepEqual(person.told, ['too late']);
  });

  it('never shows a question whose time is over before its turn', async () => {
    make(1);
    const answers = await Promise.all([queue.ask(request('a'), never), queue.ask(request('b'), never)]);
    for (const answer of answers) assert.deepEqual(answer, { kind: 'refused', reason: 'timedOut' });
    await person.click('dismiss');
    assert.deepEqual(person.seen, ['a']);
    assert.deepEqual(person.told, []);
  });

  it('ends as dismissed when the call is cancelled, and keeps the next question waiting for the screen', async () => {
    const cancel = new AbortController();
    const first = queue.ask(request('a'), cancel.signal);
    const second = queue.ask(request('b'), never);
    await settled();
    cancel.abort();
    assert.deepEqual(await first, { kind: 'refused', reason: 'dismissed' });
    assert.deepEqual(person.seen, ['a']);
    await person.click('agree');
    assert.deepEqual(person.told, ['too late']);
    assert.deepEqual(person.seen, ['a', 'b']);
    await person.click('agree');
    assert.deepEqual(await second, { kind: 'allowed', by: 'editor' });
  });

  it('does not ask for details of a call that is gone', async () => {
    const cancel = new AbortController();
    const answer = queue.ask(request('a'), cancel.signal);
    await settled();
    cancel.abort();
    await person.click('details');
    assert.deepEqual(person.seen, ['a']);
    assert.deepEqual(await answer, { kind: 'refused', reason: 'dismissed' });
  });

  it('refuses when the editor cannot show a question', async () => {
    const broken: ConsentDialogs = {
      askFirst: () => Promise.reject(new Error('no window')),
      askWithDetails: () => Promise.reject(new Error('no window')),
      sayTooLate: () => undefined,
    };
    queue = new ConsentQueue({ dialogs: broken, timeoutMs: () => 60_000, logger: silentLogger });
    assert.deepEqual(await queue.ask(request('a'), never), { kind: 'refused', reason: 'dismissed' });
    assert.deepEqual(await queue.ask(request('b'), never), { kind: 'refused', reason: 'dismissed' });
  });

  it('ends every question when the window closes', async () => {
    const answers = [queue.ask(request('a'), never), queue.ask(request('b'), never)];
    await settled();
    queue.dispose();
    for (const answer of await Promise.all(answers)) assert.deepEqual(answer, { kind: 'refused', reason: 'dismissed' });
  });
});
