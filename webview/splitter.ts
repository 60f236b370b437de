import { html, type TemplateResult } from 'lit';

export interface Splitter {
  /** Whether the panes stand beside each other. */
  isWide: boolean;
  /** Part that the second pane takes, 0 to 1. */
  split: number;
  onSplit: (split: number) => void;
}

const keyStep = 0.02;

/** The line between two panes, moved with the pointer or with the arrow keys. */
export function splitterTemplate({ isWide, split, onSplit }: Splitter): TemplateResult {
  const drag = (event: PointerEvent): void => {
    const line = event.currentTarget as HTMLElement;
    const frame = line.parentElement?.getBoundingClientRect();
    if (!frame || !line.hasPointerCapture(event.pointerId)) return;
    onSplit(isWide ? (frame.right - event.clientX) / frame.width : (frame.bottom - event.clientY) / frame.height);
  };
  const press = (event: KeyboardEvent): void => {
    const more = isWide ? 'ArrowLeft' : 'ArrowUp';
    const less = isWide ? 'ArrowRight' : 'ArrowDown';
    if (event.key !== more && event.key !== less) return;
    event.preventDefault();
    event.stopPropagation();
    onSplit(split + (event.key === more ? keyStep : -keyStep));
  };
  return html`<div
    class="splitter"
    role="separator"
    tabindex="0"
    aria-label="Size of the detail"
    aria-orientation=${isWide ? 'vertical' : 'horizontal'}
    aria-valuenow=${Math.round(split * 100)}
    aria-valuemin="20"
    aria-valuemax="80"
    @pointerdown=${(event: PointerEvent) => (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)}
    @pointermove=${drag}
    @keydown=${press}
  ></div>`;
}
