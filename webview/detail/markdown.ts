import { html, type TemplateResult } from 'lit';
import { shown } from '../format';

const maxLines = 4000;

/**
 * The common part of Markdown as elements: headings, lists, quotes, code, tables as text, emphasis. Text of others must
 * run nothing and load nothing, so there is no HTML, no picture and no link to follow: an address is shown as text.
 */
export function markdownTemplate(text: string): TemplateResult {
  const lines = text.replaceAll('\r\n', '\n').split('\n').slice(0, maxLines);
  const blocks: TemplateResult[] = [];
  for (let index = 0; index < lines.length;) {
    const line = lines[index] ?? '';
    const fence = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      const start = index + 1;
      index = start;
      while (index < lines.length && !(lines[index] ?? '').trimStart().startsWith(fence)) index += 1;
      blocks.push(codeBlock(lines.slice(start, index)));
      index += 1;
    } else if (line.trim() === '') {
      index += 1;
    } else if (/^#{1,6} /.test(line)) {
      const level = /^#+/.exec(line)?.[0].length ?? 1;
      // Headings of a message are no headings of the page.
      blocks.push(html`<p class="md-heading md-heading-${level}">${inline(line.slice(level + 1))}</p>`);
      index += 1;
    } else if (/^\s{0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/.test(line)) {
      blocks.push(html`<hr />`);
      index += 1;
    } else {
      const kind = kindOf(line);
      const start = index;
      index += 1;
      while (index < lines.length && continues(lines[index] ?? '', kind)) index += 1;
      blocks.push(blockTemplate(kind, lines.slice(start, index)));
    }
  }
  return html`<div class="markdown">${blocks}</div>`;
}

type BlockKind = 'list' | 'numbers' | 'quote' | 'table' | 'paragraph';

const itemStart = /^\s{0,8}(?:[-*+]|\d{1,9}[.)]) /;

function kindOf(line: string): BlockKind {
  if (/^\s{0,8}[-*+] /.test(line)) return 'list';
  if (/^\s{0,8}\d{1,9}[.)] /.test(line)) return 'numbers';
  if (/^\s{0,3}>/.test(line)) return 'quote';
  return /^\s{0,3}\|/.test(line) ? 'table' : 'paragraph';
}

function continues(line: string, kind: BlockKind): boolean {
  if (line.trim() === '' || /^#{1,6} /.test(line) || /^\s{0,3}(?:`{3,}|~{3,})/.test(line)) return false;
  const next = kindOf(line);
  if (kind === 'list' || kind === 'numbers') return next === kind || next === 'paragraph';
  return next === kind;
}

function blockTemplate(kind: BlockKind, lines: readonly string[]): TemplateResult {
  switch (kind) {
    case 'list':
      return html`<ul>
        ${items(lines).map((item) => html`<li>${inline(item)}</li>`)}
      </ul>`;
    case 'numbers':
      return html`<ol start=${Number(/\d+/.exec(lines[0] ?? '')?.[0] ?? 1)}>
        ${items(lines).map((item) => html`<li>${inline(item)}</li>`)}
      </ol>`;
    case 'quote':
      return html`<blockquote>${inline(lines.map((line) => line.replace(/^\s{0,3}> ?/, '')).join('\n'))}</blockquote>`;
    case 'table':
      return codeBlock(lines);
    case 'paragraph':
      break;
  }
  return html`<p>${inline(lines.join('\n'))}</p>`;
}

function items(lines: readonly string[]): string[] {
  const list: string[] = [];
  for (const line of lines) {
    if (itemStart.test(line)) list.push(line.replace(itemStart, ''));
    else list.push(`${list.pop() ?? ''}\n${line.trim()}`);
  }
  return list;
}

function codeBlock(lines: readonly string[]): TemplateResult {
  return html`<pre><code>${shown(lines.join('\n'))}</code></pre>`;
}

/** Code, strong and emphasised text, and links as their words with the address behind. None of them nests. */
const inlinePattern =
  /`([^`\n]{1,2000})`|\*\*([^*\n]{1,2000})\*\*|\*([^*\s][^*\n]{0,2000})\*|\[([^[\]\n]{1,500})\]\(([^()\s]{1,2000})\)/g;

function inline(text: string): unknown[] {
  const parts: unknown[] = [];
  let at = 0;
  for (const match of text.matchAll(inlinePattern)) {
    parts.push(shown(text.slice(at, match.index)));
    const [whole, code, strong, emphasis, words, address] = match;
    if (code !== undefined) parts.push(html`<code>${shown(code)}</code>`);
    else if (strong !== undefined) parts.push(html`<strong>${shown(strong)}</strong>`);
    else if (emphasis !== undefined) parts.push(html`<em>${shown(emphasis)}</em>`);
    else parts.push(html`${shown(words)} <span class="quiet">(${shown(address)})</span>`);
    at = match.index + whole.length;
  }
  parts.push(shown(text.slice(at)));
  return parts;
}
