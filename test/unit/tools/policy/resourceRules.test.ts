import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { refuseResource, type TouchedResource } from '../../../../src/tools/policy/resourceRules';

function kindOf(rules: { allow?: string[]; deny?: string[] }, touched: TouchedResource): string | undefined {
  return refuseResource({ allow: rules.allow ?? [], deny: rules.deny ?? [] }, touched)?.kind;
}

const lambda = 'arn:aws:lambda:eu-west-1:123456789012:function:';
const stack = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/';

describe('resource rules', () => {
  it('let everything pass where there are none, even what nobody can tell', () => {
    for (const touched of ['arn:aws:s3:::x/y', 'nonsense', { arnPrefix: '' }])
      assert.equal(kindOf({}, touched), undefined);
  });

  it('let pass what is allowed and not denied', () => {
    const rules = { allow: [`${lambda}orders-*`], deny: [`${lambda}orders-prod`] };
    assert.equal(kindOf(rules, `${lambda}orders-refund`), undefined);
    assert.equal(kindOf(rules, `${lambda}orders-refund:live`), undefined);
    assert.equal(kindOf(rules, `${lambda}payments`), 'notAllowed');
    assert.equal(kindOf(rules, `${lambda}orders-prod`), 'denied');
    assert.equal(kindOf({ allow: ['*'] }, `${lambda}x`), undefined);
    assert.equal(kindOf({ deny: ['*'] }, `${lambda}x`), 'denied');
  });

  it('deny a function by whatever version, case, partition or account part it is named', () => {
    for (const pattern of [
      `${lambda}orders-prod`,
      `${lambda}orders-prod:*`,
      'arn:aws:lambda:*:*:function:orders-prod',
      'arn:aws:lambda:::function:orders-prod',
      'arn:aws:lambda:EU-WEST-1:123456789012:function:Orders-Prod',
      'arn:*:*:*:*:*orders-prod',
    ]) {
      for (const touched of [
        `${lambda}orders-prod`,
        `${lambda}orders-prod:$LATEST`,
        `${lambda}orders-prod:7`,
        `${lambda}ORDERS-PROD`,
        'arn:aws-cn:lambda:eu-west-1:123456789012:function:orders-prod',
        'arn:aws:lambda:::function:orders-prod',
      ]) {
        assert.equal(kindOf({ deny: [pattern] }, touched), 'denied', `${pattern} and ${touched}`);
      }
      assert.equal(kindOf({ deny: [pattern] }, `${lambda}orders-production`), undefined, pattern);
    }
  });

  it('allow exactly what is named: no other case, account, region, partition, service or longer name', () => {
    const allow = [`${lambda}orders`];
    for (const touched of [
      `${lambda}Orders`,
      `${lambda}orders2`,
      `${lambda}orders-prod`,
      'arn:aws:lambda:eu-west-1:999999999999:function:orders',
      'arn:aws:lambda:us-east-1:123456789012:function:orders',
      'arn:aws-cn:lambda:eu-west-1:123456789012:function:orders',
      'arn:aws:lambda:eu-west-1:123456789012:layer:orders',
      'arn:aws:lambda:::function:orders',
      'arn:aws:s3:::orders',
    ]) {
      assert.equal(kindOf({ allow }, touched), 'notAllowed', touched);
    }
    assert.equal(kindOf({ allow: [`${lambda}orders:live`] }, `${lambda}orders`), 'notAllowed');
    assert.equal(kindOf({ allow: [`${lambda}orders:live`] }, `${lambda}orders:live`), undefined);
  });

  it('take a stack that is named without its id for any stack of that name', () => {
    const byName = { arnPrefix: `${stack}orders/` };
    const byId = `${stack}orders/11111111-2222-3333-4444-555555555555`;
    for (const pattern of [`${stack}orders/*`, `${stack}orders`, `${stack}ord*`]) {
      assert.equal(kindOf({ allow: [pattern] }, byName), undefined, pattern);
      assert.equal(kindOf({ allow: [pattern] }, byId), undefined, pattern);
      assert.equal(kindOf({ deny: [pattern] }, byName), 'denied', pattern);
      assert.equal(kindOf({ deny: [pattern] }, byId), 'denied', pattern);
    }
    assert.equal(kindOf({ allow: [byId] }, byName), 'notAllowed');
    assert.equal(kindOf({ deny: [byId] }, byName), 'denied');
    assert.equal(kindOf({ deny: [`${stack}orders`] }, { arnPrefix: `${stack}orders2/` }), undefined);
    assert.equal(kindOf({ deny: [`${stack}orders`] }, `${stack}ORDERS/1`), 'denied');
  });

  it('hold a prefix for keys that are named in any way which other stores might resolve', () => {
    const rules = { allow: ['arn:aws:s3:::data/public/*'] };
    for (const key of ['public/a', 'public/', 'public/a/b..c', 'public/100%', 'public/%zz', 'public/ä']) {
      assert.equal(kindOf(rules, `arn:aws:s3:::data/${key}`), undefined, key);
    }
    for (const key of [
      'secret/a',
      'publi',
      'public/../secret/a',
      'public/%2e%2e/secret/a',
      'public/%252e%252e%252fsecret/a',
      'public/..%2fsecret/a',
      'public\\..\\..\\secret/a',
      './secret/a',
      '../data/public/a',
      'public/./../secret',
      '/public/../secret',
    ]) {
      assert.equal(kindOf(rules, `arn:aws:s3:::data/${key}`), 'notAllowed', key);
    }
    const denying = { deny: ['arn:aws:s3:::data/secret/*'] };
    for (const key of [
      'secret/a',
      'secret',
      'Secret/a',
      'public/../secret/a',
      'secret%2Fa',
      '%73ecret/a',
      'secret//a',
      './secret/a',
      'a/../secret/a',
    ]) {
      assert.equal(kindOf(denying, `arn:aws:s3:::data/${key}`), 'denied', key);
    }
    assert.equal(kindOf(denying, 'arn:aws:s3:::data/secrets/a'), undefined);
  });

  it('let no list of keys show what is denied, and none reach beyond what is allowed', () => {
    const list = (prefix: string) => ({ arnPrefix: `arn:aws:s3:::data/${prefix}` });
    const denying = { deny: ['arn:aws:s3:::data/secret/*'] };
    for (const prefix of ['', 's', 'secret', 'secret/', 'secret/a', 'public/../']) {
      assert.equal(kindOf(denying, list(prefix)), 'denied', prefix);
    }
    assert.equal(kindOf(denying, list('public/')), undefined);
    const allowing = { allow: ['arn:aws:s3:::data/public/*'] };
    for (const prefix of ['', 'p', 'public', 'secret/'])
      assert.equal(kindOf(allowing, list(prefix)), 'notAllowed', prefix);
    for (const prefix of ['public/', 'public/a']) assert.equal(kindOf(allowing, list(prefix)), undefined, prefix);
    assert.equal(kindOf({ allow: ['arn:aws:s3:::data'] }, list('')), undefined);
  });

  it('let no access point lead to a bucket that is denied', () => {
    const point = 'arn:aws:s3:eu-west-1:123456789012:accesspoint/reports';
    const deny = ['arn:aws:s3:::secret/*'];
    for (const touched of [`${point}/object/a`, `${point.replace('accesspoint/', 'accesspoint:')}/object/a`]) {
      assert.equal(kindOf({ deny }, touched), 'indirect', touched);
      assert.equal(kindOf({ deny, allow: [point] }, touched), undefined, touched);
      assert.equal(kindOf({ allow: ['arn:aws:s3:::*'] }, touched), 'notAllowed', touched);
      assert.equal(kindOf({ deny: [`${point}/*`], allow: [point] }, touched), 'denied', touched);
    }
    assert.equal(kindOf({ deny: [`${lambda}x`] }, `${point}/object/a`), undefined);
  });

  it('deny everything where a pattern that denies is none, and allow nothing by one that is none', () => {
    assert.equal(kindOf({ deny: ['orders-prod'] }, `${lambda}anything`), 'unusablePattern');
    assert.equal(kindOf({ deny: ['*', 'data/*'] }, `${lambda}anything`), 'unusablePattern');
    assert.equal(kindOf({ allow: ['orders'] }, `${lambda}orders`), 'notAllowed');
  });

  it('let nothing pass that is no ARN', () => {
    for (const touched of ['', 'orders', 'arn:aws:lambda', 'arn:aws:lambda:eu-west-1:1:', { arnPrefix: 'arn:aws' }]) {
      assert.equal(kindOf({ allow: ['*'] }, touched), 'unknown', JSON.stringify(touched));
    }
  });

  it('never let pass what is denied, however it is written', () => {
    const key = fc.string({ unit: fc.constantFrom('a', '/', '.', '%2f', '%2e', '%252e', 's', 'S'), maxLength: 10 });
    fc.assert(
      fc.property(key, (given) => {
        let plain = given;
        for (let round = 0; round < 3; round++) plain = decodeURIComponent(plain);
        const isDenied = /^s(\/|$)/i.test(given) || /^s(\/|$)/i.test(plain);
        if (isDenied) assert.equal(kindOf({ deny: ['arn:aws:s3:::b/s/*'] }, `arn:aws:s3:::b/${given}`), 'denied');
      }),
      { numRuns: 2000 },
    );
  });
});
