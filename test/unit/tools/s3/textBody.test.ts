import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { byteLength } from '../../../../src/core/byteLength';
import { redactText } from '../../../../src/core/redact';
import { escapeUnseen } from '../../../../src/core/unseen';
import { fitText, readText } from '../../../../src/tools/s3/textBody';

const anyText = fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => !/\p{Cs}/u.test(text));

describe('readText', () => {
  const read = (bytes: Uint8Array, contentType?: string) => readText(bytes, contentType, true, true);

  it('takes UTF-8 for text, whatever the type says but for types that are never text', () => {
    const bytes = Buffer.from('Grüße 🚀\r\n\u001b[31mred\u001b[0m\n');
    for (const type of [
      undefined,
      'text/plain',
      'application/octet-stream',
      'binary/octet-stream',
      'application/json',
    ]) {
      assert.equal(read(bytes, type)?.text, bytes.toString());
    }
    for (const type of ['image/png', 'video/mp4', 'application/pdf', 'application/zip', 'font/woff2']) {
      assert.equal(read(bytes, type), undefined);
    }
    assert.ok(read(Buffer.from('<svg/>'), 'image/svg+xml'));
    assert.equal(read(Buffer.alloc(0), 'text/plain')?.text, '');
  });

  it('takes bytes that are no UTF-8, or hold a NUL, for binary even where the type says text', () => {
    for (const bytes of [[0xff, 0xfe, 0x41, 0x00], [0x41, 0x00, 0x42], [0xc3, 0x28], [0x80], [0x41, 0xc3]]) {
      assert.equal(read(Uint8Array.from(bytes), 'text/plain'), undefined);
    }
  });

  it('takes control characters for binary only where nothing says text', () => {
    const bytes = Buffer.from('a\u0001b');
    assert.equal(read(bytes, 'application/octet-stream'), undefined);
    assert.equal(read(bytes, 'text/plain')?.text, 'a\u0001b');
  });

  it('keeps a byte order mark, which belongs to the bytes', () => {
    assert.equal(read(Buffer.from('\ufeffa'))?.text, '\ufeffa');
  });

  it('starts at the first whole character of a range and ends with the last', () => {
    fc.assert(
      fc.property(anyText, fc.nat(400), fc.nat(400), (text, from, length) => {
        const bytes = Buffer.from(text);
        const start = Math.min(from, bytes.length);
        const end = Math.min(start + length, bytes.length);
        const part = readText(bytes.subarray(start, end), 'text/plain', start === 0, end === bytes.length);
        if (text.includes('\u0000')) return;
        if (!part) {
          // Nothing but the end of one character and the beginning of the next.
          assert.ok(end - start < 7);
          return;
        }
        assert.ok(part.skipped < 4);
        const size = byteLength(part.text);
        assert.equal(bytes.subarray(start + part.skipped, start + part.skipped + size).toString(), part.text);
        assert.ok(text.includes(part.text));
        assert.ok(end - (start + part.skipped + size) < 4);
      }),
      { numRuns: 500 },
    );
  });
});

describe('fitText', () => {
  const sizeOf = (text: string): number => byteLength(JSON.stringify(redactText(escapeUnseen(text))));

  it('gives a beginning that fits once it is escaped and redacted, and at least one character', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyText, fc.constant('password=abcd\n')), { maxLength: 30 }),
        fc.integer({ min: 2, max: 3000 }),
        (parts, max) => {
          const text = parts.join('');
          const fitted = fitText(text, max);
          assert.ok(text.startsWith(fitted));
          if (text !== '') assert.ok(fitted.length > 0);
          assert.ok(!/\p{Cs}/u.test(fitted), 'a character was cut in two');
          const isOneCharacter =
            fitted.codePointAt(0) === undefined ||
            fitted.length <= String.fromCodePoint(fitted.codePointAt(0) ?? 0).length;
          assert.ok(sizeOf(fitted) <= max || isOneCharacter, `${sizeOf(fitted)} > ${max}`);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives all of a text that fits', () => {
    assert.equal(fitText('a\nb', 100), 'a\nb');
  });

  it('ends between words where it can, so that no secret is cut in two', () => {
    const secret = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');
    const text = `${'word '.repeat(40)}${secret} end ${'word '.repeat(40)}`;
    for (let max = 150; max < 300; max++) {
      const fitted = fitText(text, max);
      const rest = text.slice(fitted.length);
      assert.ok(!/AKIA/.test(redactText(fitted)) && !redactText(rest).includes('EXAMPLE'), fitted);
    }
  });
});
