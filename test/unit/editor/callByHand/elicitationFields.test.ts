import assert from 'node:assert/strict';
import { readField } from '../../../../src/editor/callByHand/elicitationFields';

describe('readField', () => {
  it('reads text with its rules', () => {
    const field = readField(
      'city',
      { type: 'string', title: 'City', description: 'Where', minLength: 2, maxLength: 4, default: 'Bern' },
      true,
    );
    assert.equal(field.title, 'City');
    assert.equal(field.description, 'Where');
    assert.equal(field.initial, 'Bern');
    assert.equal(field.choices, undefined);
    assert.equal(field.problem('x'), 'This must have at least 2 characters.');
    assert.equal(field.problem('xxxxx'), 'This must have at most 4 characters.');
    assert.equal(field.problem('🏔🏔🏔🏔'), undefined);
    assert.equal(field.problem(''), 'This must be given.');
    assert.equal(field.read('Genf'), 'Genf');
  });

  it('leaves out what is optional and empty', () => {
    for (const type of ['string', 'number', 'integer']) {
      const field = readField('x', { type }, false);
      assert.equal(field.problem(''), undefined);
      assert.equal(field.read(''), undefined);
    }
  });

  it('reads numbers', () => {
    const whole = readField('n', { type: 'integer', minimum: 1, maximum: 3 }, true);
    assert.equal(whole.read('2'), 2);
    assert.equal(whole.problem('2'), undefined);
    assert.equal(whole.problem('2.5'), 'This must be a whole number.');
    assert.equal(whole.problem('0'), 'This must be at least 1.');
    assert.equal(whole.problem('4'), 'This must be at most 3.');
    assert.equal(whole.problem('two'), 'This is no number.');
    assert.equal(whole.problem(' '), 'This is no number.');
    assert.equal(readField('n', { type: 'number' }, true).read('2.5'), 2.5);
  });

  it('knows the formats of the protocol', () => {
    const rules: [string, string, string][] = [
      ['email', 'a@b.example', 'a b'],
      ['uri', 'https://example.com', 'example'],
      ['date', '2026-07-28', '28.7.2026'],
      ['date-time', '2026-07-28T10:00:00Z', '2026-07-28'],
    ];
    for (const [format, good, bad] of rules) {
      const field = readField('x', { type: 'string', format }, true);
      assert.equal(field.problem(good), undefined, format);
      assert.match(field.problem(bad) ?? '', /^This must be an? /, format);
    }
    assert.equal(readField('x', { type: 'string', format: 'constructor' }, true).problem('x'), undefined);
  });

  it('offers choices: yes or no, one of several, several of several', () => {
    assert.deepEqual(readField('b', { type: 'boolean', default: true }, true).choices, [
      { value: true, label: 'Yes' },
      { value: false, label: 'No' },
    ]);
    const named = [
      { value: 'a', label: 'A' },
      { value: 'b', label: 'b' },
    ];
    const titled = { oneOf: [{ const: 'a', title: 'A' }, { const: 'b' }, 3] };
    assert.deepEqual(readField('x', { type: 'string', ...titled }, true).choices, named);
    assert.deepEqual(readField('x', { type: 'string', enum: ['a', 'b', 3], enumNames: ['A'] }, true).choices, named);
    const several = readField('x', { type: 'array', items: { anyOf: titled.oneOf }, default: ['b'] }, true);
    assert.ok(several.isMultiple);
    assert.deepEqual(several.choices, named);
    assert.deepEqual(several.initial, ['b']);
  });

  it('takes anything for a field', () => {
    for (const schema of [undefined, null, 3, [], { type: 3, default: {}, enum: 'x', title: 1 }]) {
      const field = readField('x', schema, false);
      assert.equal(field.title, 'x');
      assert.equal(field.initial, undefined);
      assert.equal(field.problem('anything'), undefined);
    }
  });
});
