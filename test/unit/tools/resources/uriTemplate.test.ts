import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { UriTemplate } from '../../../../src/tools/resources/uriTemplate';

const object = new UriTemplate('s3://{bucket}/{key}');
const template = new UriTemplate('cloudformation://{stack}/template');

describe('UriTemplate', () => {
  it('reads the values of a URI, encoded or not', () => {
    assert.deepEqual(object.match('s3://b/k'), { bucket: 'b', key: 'k' });
    assert.deepEqual(object.match('s3://b/a/b//c d?e#f'), { bucket: 'b', key: 'a/b//c d?e#f' });
    assert.deepEqual(object.match('s3://b/a%2Fb%20%C3%9C%F0%9F%9A%80'), { bucket: 'b', key: 'a/b Ü🚀' });
    assert.deepEqual(object.match('s3://b/Ü/日本\n🚀'), { bucket: 'b', key: 'Ü/日本\n🚀' });
    assert.deepEqual(object.match('s3://b/a+b%2B'), { bucket: 'b', key: 'a+b+' });
    assert.deepEqual(template.match('cloudformation://arn%3Aaws%3Ax%2Fy/template'), { stack: 'arn:aws:x/y' });
    assert.deepEqual(template.match('cloudformation://arn:aws:x/template'), { stack: 'arn:aws:x' });
    assert.deepEqual(new UriTemplate('aws://regions').match('aws://regions'), {});
  });

  it('knows what is no URI of its own', () => {
    for (const uri of [
      '',
      's3://',
      's3://b',
      's3://b/',
      's3:///k',
      'S3://b/k',
      ' s3://b/k',
      's3://b/%',
      's3://b/%ff',
    ]) {
      assert.equal(object.match(uri), undefined, uri);
    }
    for (const uri of ['cloudformation:///template', 'cloudformation://a/b/template', 'cloudformation://a/template/']) {
      assert.equal(template.match(uri), undefined, uri);
    }
    assert.equal(object.match(`s3://b/${'k'.repeat(20_000)}`), undefined);
  });

  it('makes URIs that it reads back, whatever the values', () => {
    const value = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(value, value, (bucket, key) => {
        const uri = object.expand({ bucket, key });
        assert.match(uri, /^s3:\/\/(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+\/(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+$/);
        assert.deepEqual(object.match(uri), { bucket, key });
      }),
    );
  });

  it('makes a URI even of half a surrogate pair', () => {
    assert.equal(object.expand({ bucket: 'b', key: '\ud800!' }), 's3://b/%EF%BF%BD%21');
  });

  it('takes no text for long', () => {
    const awkward = new UriTemplate('x://{a}/m/{b}/m/{c}');
    assert.equal(awkward.match(`x://${'a/m/'.repeat(3000)}`.slice(0, 12_000).replace(/$/, '%')), undefined);
  });

  it('is of level 1, or refused when it is made', () => {
    for (const text of [
      's3://{+key}',
      's3://{a,b}',
      's3://{a*}',
      's3://{}',
      's3://{a}{b}',
      's3://{a}/{a}',
      's3://{a',
      'a}',
    ]) {
      assert.throws(() => new UriTemplate(text), Error, text);
    }
  });
});
