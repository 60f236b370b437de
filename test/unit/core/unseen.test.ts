import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { escapeUnseen, unescapeUnseen } from '../../../src/core/unseen';

/** Any UTF-16 text, lone surrogates included, rich in what is to be escaped. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(
        '\u202e',
        '\u200b',
        '\u{e0041}',
        '\ufe0f',
        '\r',
        '\r\n',
        '\u0000',
        '\\',
        '\\u{',
        '\\u{200b}',
        '\ud800',
        '\udc00',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('escapeUnseen', () => {
  it('shows what cannot be seen and leaves what can', () => {
    assert.equal(escapeUnseen('a\u202eb'), 'a\\u{202e}b');
    assert.equal(escapeUnseen('tag \u{e0041}\u{e007f}'), 'tag \\u{e0041}\\u{e007f}');
    assert.equal(escapeUnseen('bell\u0007 del\u007f csi\u009b'), 'bell\\u{7} del\\u{7f} csi\\u{9b}');
    assert.equal(escapeUnseen('\udc00\udc00'), '\\u{dc00}\\u{dc00}');
    assert.equal(escapeUnseen('tab\tline\nÄ 日本 🚀'), 'tab\tline\nÄ 日本 🚀');
  });

  it('keeps line ends of Windows, yet not a carriage return that would overwrite a line', () => {
    assert.equal(escapeUnseen('one\r\ntwo\rthree'), 'one\r\ntwo\\u{d}three');
  });

  it('leaves nothing unseen in any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = escapeUnseen(text).replaceAll('\r\n', '\n');
        assert.doesNotMatch(shown, /(?![\t\n])[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });

  it('can be undone for any text', () => {
    fc.assert(fc.property(anyText, (text) => assert.equal(unescapeUnseen(escapeUnseen(text)), text)));
  });

  it('takes only its own escapes back', () => {
    assert.equal(
      unescapeUnseen('\\u{41} \\u{zz} \\u{ffffffff} \\u{110000}'),
      '\\u{41} \\u{zz} \\u{ffffffff} \\u{110000}',
    );
  });
});
