import { html, type TemplateResult } from 'lit';
import { shown } from './format';

const maxMarks = 200;

/** Text of others as it may be shown, with what a filter or a search looks for marked. Case does not matter. */
export function marked(text: string, marks: readonly string[]): string | (string | TemplateResult)[] {
  if (marks.length === 0) return shown(text);
  const lower = text.toLowerCase();
  // Where a letter has more letters in lower case, places would not fit.
  if (lower.length !== text.length) return shown(text);
  const parts: (string | TemplateResult)[] = [];
  let at = 0;
  for (let count = 0; count < maxMarks; count += 1) {
    let start = -1;
    let length = 0;
    for (const mark of marks) {
      const found = mark === '' ? -1 : lower.indexOf(mark, at);
      if (found >= 0 && (start < 0 || found < start || (found === start && mark.length > length))) {
        start = found;
        length = mark.length;
      }
    }
    if (start < 0) break;
    parts.push(
      shown(text.slice(at, start)),
      html`<mark class="found">${shown(text.slice(start, start + length))}</mark>`,
    );
    at = start + length;
  }
  if (at === 0) return shown(text);
  parts.push(shown(text.slice(at)));
  return parts;
}
