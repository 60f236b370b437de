import { html, type TemplateResult } from 'lit';
import { isRecord } from '../../src/core/json';
import { counted, shown } from '../format';
import { diffLines, type DiffRow, type Span } from './lineDiff';

/** Lines drawn, and characters of a line. */
const maxRows = 2000;
const maxLineChars = 4000;

/** Two versions of an item beside each other, with what changed marked. */
export function changeTableTemplate(before: string, after: string): TemplateResult {
  const rows = diffLines(jsonLines(before), jsonLines(after));
  return html`<table class="change-table" aria-label="The old version and the new one">
      <colgroup>
        <col class="numbers" />
        <col />
        <col class="numbers" />
        <col />
      </colgroup>
      <thead>
        <tr>
          <th scope="col" colspan="2">Last seen</th>
          <th scope="col" colspan="2">Now</th>
        </tr>
      </thead>
      <tbody>
        ${rows.slice(0, maxRows).map(rowTemplate)}
      </tbody>
    </table>
    ${rows.length > maxRows ? html`<p class="quiet empty">${counted(rows.length - maxRows, 'more line')} differ.</p>` : ''}`;
}

function rowTemplate(row: DiffRow): TemplateResult {
  switch (row.kind) {
    case 'fold':
      return html`<tr class="equal-lines">
        <td colspan="4">${counted(row.lines, 'equal line')}</td>
      </tr>`;
    case 'same':
      return html`<tr>
        ${cell(row.old, row.text)}${cell(row.now, row.text)}
      </tr>`;
    case 'removed':
      return html`<tr>
        ${cell(row.old, row.text, 'removed')}
        <td class="number"></td>
        <td class="void"></td>
      </tr>`;
    case 'added':
      return html`<tr>
        <td class="number"></td>
        <td class="void"></td>
        ${cell(row.now, row.text, 'added')}
      </tr>`;
    case 'changed':
      return html`<tr>
        ${cell(row.old, row.before, 'removed', row.markBefore)}${cell(row.now, row.text, 'added', row.mark)}
      </tr>`;
  }
}

function cell(number: number, text: string, tone?: 'removed' | 'added', mark?: Span): TemplateResult {
  const content = mark
    ? html`${part(text, 0, mark[0])}<mark>${part(text, mark[0], mark[1])}</mark>${part(text, mark[1], text.length)}`
    : part(text, 0, text.length);
  return html`<td class="number">${number}</td>
    <td class=${tone ?? ''}>
      ${tone === undefined ? '' : html`<span class="sign">${tone === 'added' ? '+' : '−'}<span class="unseen"> ${tone}: </span></span>`}<code
        >${content}</code
      >
    </td>`;
}

function part(text: string, start: number, end: number): string {
  const shownEnd = Math.min(end, start + maxLineChars);
  return `${shown(text.slice(start, shownEnd))}${shownEnd < end ? '…' : ''}`;
}

/** JSON as lines that two versions of can be compared: members sorted, what a person reads first comes first. */
function jsonLines(text: string): string[] {
  try {
    return JSON.stringify(JSON.parse(text), sortMembers, 2).split('\n');
  } catch {
    return text.split('\n');
  }
}

function sortMembers(_name: string, value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([left], [right]) => {
      const order = rank(left) - rank(right);
      return order !== 0 ? order : left < right ? -1 : left > right ? 1 : 0;
    }),
  );
}

function rank(name: string): number {
  const place = ['name', 'uri', 'uriTemplate', 'title', 'description', 'type'].indexOf(name);
  return place === -1 ? Number.MAX_SAFE_INTEGER : place;
}
