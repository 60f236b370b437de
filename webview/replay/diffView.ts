import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { DiffLine, JsonDiff } from '../../src/traffic/replay/jsonDiff';
import { counted, shown } from '../format';
import type { DiffForm } from './replayModel';

/** One line as it is drawn: on both sides, or on one of them. */
interface DrawnLine {
  kind: 'same' | 'added' | 'removed' | 'changed' | 'fold' | 'ignored';
  depth: number;
  left?: string | undefined;
  right?: string | undefined;
  path?: string | undefined;
  count?: number | undefined;
}

const rowHeight = 20;
/** Most lines in sight; the rest is scrolled to. */
const maxInSight = 24;
const overscan = 10;

const words = {
  added: 'added',
  removed: 'removed',
  changed: 'changed',
  ignored: 'ignored',
  same: '',
  fold: '',
} as const;
const signs = { added: '+', removed: '−', changed: '±', ignored: '≈', same: '', fold: '' } as const;

const noSign = html`<span class="sign"></span>`;

/** Two JSON values compared, in one column or two. Only the lines in sight exist as elements. */
export class DiffView extends LitElement {
  static override readonly properties = { diff: {}, form: {}, ignoresVolatile: {}, label: {} };
  declare diff: JsonDiff;
  declare form: DiffForm;
  declare ignoresVolatile: boolean;
  declare label: string;
  #lines: readonly DrawnLine[] = [];
  #scrollTop = 0;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(): void {
    this.#lines = this.diff.lines.flatMap((line) => drawn(line, this.form, this.ignoresVolatile));
  }

  protected override render(): TemplateResult {
    const lines = this.#lines;
    const inSight = Math.min(lines.length, maxInSight);
    const start = Math.max(0, Math.min(lines.length - inSight, Math.floor(this.#scrollTop / rowHeight)) - overscan);
    const end = Math.min(lines.length, start + inSight + 2 * overscan);
    return html`<div
        class="diff ${this.form}"
        role="region"
        aria-label=${this.label}
        tabindex="0"
        .style=${`height:${inSight * rowHeight + 2}px`}
        @scroll=${this.#onScroll}
        @keydown=${this.#onKey}
      >
        <div class="diff-extent" .style=${`height:${lines.length * rowHeight}px`}>
          <div class="diff-drawn" .style=${`transform:translateY(${start * rowHeight}px)`}>
            ${lines.slice(start, end).map((line) => this.#line(line))}
          </div>
        </div>
      </div>
      ${this.diff.isCut ? html`<p class="quiet">There is more than is shown here. Open both in the diff editor to see all.</p>` : nothing}`;
  }

  /** Scrolls to the next difference, or to the one before. */
  step(by: 1 | -1): void {
    const scroller = this.querySelector<HTMLElement>('.diff');
    if (!scroller) return;
    const at = Math.round(scroller.scrollTop / rowHeight);
    const isDifference = ({ path, kind }: DrawnLine): boolean => path !== undefined && kind !== 'ignored';
    const lines = [...this.#lines.entries()].filter(([, line]) => isDifference(line)).map(([index]) => index);
    // The line that is looked at stands a little below the upper edge.
    const from = at + 2;
    const next = by === 1 ? lines.find((index) => index > from) : lines.findLast((index) => index < from);
    if (next !== undefined) scroller.scrollTop = Math.max(0, next - 2) * rowHeight;
  }

  #line(line: DrawnLine): TemplateResult {
    const { kind, left, right, path, count } = line;
    if (kind === 'fold') {
      return html`<div class="diff-line fold">${counted(count ?? 0, 'same line')}</div>`;
    }
    const word = words[kind];
    const spoken = word === '' ? nothing : html`<span class="unseen">${word}: </span>`;
    const sign = html`<span class="sign" aria-hidden="true">${signs[kind]}</span>`;
    const title = path === undefined ? nothing : shown(path);
    if (this.form === 'sides') {
      const both = kind === 'same';
      return html`<div class="diff-line ${kind}" title=${title}>
        <span class="side left">${spoken}${kind === 'added' ? noSign : sign}${this.#text(left, line)}</span
        ><span class="side right">${kind === 'added' ? sign : noSign}${this.#text(both ? left : right, line)}</span>
      </div>`;
    }
    return html`<div class="diff-line ${kind}" title=${title}>
      ${spoken}${sign}${this.#text(left ?? right, line)}${
        path === undefined ? nothing : html`<span class="diff-path">${shown(path)}</span>`
      }
    </div>`;
  }

  #text(text: string | undefined, { depth }: DrawnLine): TemplateResult {
    return html`<bdi class="diff-text" .style=${`--depth:${Math.min(depth, 40)}`}>${shown(text)}</bdi>`;
  }

  readonly #onScroll = (event: Event): void => {
    this.#scrollTop = (event.currentTarget as HTMLElement).scrollTop;
    this.requestUpdate();
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'F7') return;
    event.preventDefault();
    event.stopPropagation();
    this.step(event.shiftKey ? -1 : 1);
  };
}

function drawn(line: DiffLine, form: DiffForm, ignoresVolatile: boolean): DrawnLine[] {
  const { kind, depth, left, right, path, count, isVolatile } = line;
  if (isVolatile && ignoresVolatile && kind !== 'same') return [{ kind: 'ignored', depth, left, right, path }];
  if (kind !== 'changed' || form === 'sides') return [{ kind, depth, left, right, path, count }];
  return [
    { kind: 'removed', depth, left, path },
    { kind: 'added', depth, right },
  ];
}
