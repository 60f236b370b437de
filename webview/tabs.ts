import { html, type TemplateResult } from 'lit';
import type { PageTab } from './savedState';

const tabNames: Readonly<Record<PageTab, string>> = {
  exchanges: 'Exchanges',
  messages: 'Messages',
  statistics: 'Statistics',
  timeline: 'Timeline',
  schemas: 'Schemas',
  tryIt: 'Try it',
  replay: 'Replay',
};

export interface TabStrip {
  /** Those that are offered, in order. */
  tabs: readonly PageTab[];
  selected: PageTab;
  onSelect: (tab: PageTab) => void;
}

/** The tabs of the page. Arrow keys move between them and show what they move to, as the ARIA pattern of tabs has it. */
export function tabStripTemplate({ tabs, selected, onSelect }: TabStrip): TemplateResult {
  const press = (event: KeyboardEvent): void => {
    const current = tabs.indexOf(selected);
    let next: number;
    if (event.key === 'ArrowRight') next = (current + 1) % tabs.length;
    else if (event.key === 'ArrowLeft') next = (current - 1 + tabs.length) % tabs.length;
    else if (event.key === 'Home') next = 0;
    else if (event.key === 'End') next = tabs.length - 1;
    else return;
    event.preventDefault();
    event.stopPropagation();
    const tab = tabs[next];
    if (tab === undefined) return;
    onSelect(tab);
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`#page-tab-${tab}`)?.focus();
  };
  return html`<div class="tabs page-tabs" role="tablist" aria-label="Views" @keydown=${press}>
    ${tabs.map(
      (tab) =>
        html`<button
          class="tab"
          role="tab"
          id="page-tab-${tab}"
          aria-selected=${String(tab === selected)}
          aria-controls="page-panel"
          tabindex=${tab === selected ? 0 : -1}
          @click=${() => onSelect(tab)}
        >
          ${tabNames[tab]}
        </button>`,
    )}
  </div>`;
}
