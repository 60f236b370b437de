import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { codicons } from '../../../webview/ui/codicons';

describe('codicons', () => {
  it('are those of the icon font that is bundled', () => {
    const file = path.join(
      import.meta.dirname,
      '..',
      '..',
      '..',
      'node_modules',
      '@vscode',
      'codicons',
      'dist',
      'codicon.css',
    );
    const css = fs.readFileSync(file, 'utf8');
    for (const [name, glyph] of Object.entries(codicons)) {
      const code = glyph.codePointAt(0)?.toString(16);
      assert.ok(css.includes(`.codicon-${name}:before { content: "\\${code}" }`), `${name} is \\${code}`);
    }
  });
});
