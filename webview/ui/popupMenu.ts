import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { icon } from './icons';

/** A line of a menu. */
export type MenuItem =
  | {
      label: string;
      /** For one that is on or off. */
      isChecked?: boolean;
      /** What stands at its right end, e.g. a key. */
      hint?: string;
      onSelect: () => void;
      /** Removes what the line stands for; reached by Delete. */
      onRemove?: () => void;
    }
  | 'separator';

/** A menu at a place of the page, as the editor's own look. One at a time; it closes when something else is used. */
export class PopupMenu extends LitElement {
  #items: readonly MenuItem[] = [];
  #label = '';
  #place = { x: 0, y: 0 };
  #active = -1;
  #isOpen = false;
  #returnTo: HTMLElement | undefined;

  /** Opens the menu. @param place in pixels of the page; it is moved where it would not fit. */
  open(label: string, items: readonly MenuItem[], place: { x: number; y: number }): void {
    this.#label = label;
    this.#items = items;
    this.#place = place;
    this.#active = items.findIndex((item) => item !== 'separator');
    if (!this.#isOpen)
      this.#returnTo = document.activeElement instanceof HTMLElement ? document.activeElement : undefined;
    this.#isOpen = true;
    this.requestUpdate();
    void this.#show();
  }

  async #show(): Promise<void> {
    await this.updateComplete;
    this.#fit();
    this.querySelector<HTMLElement>('.menu')?.focus();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#returnTo?.focus();
    this.requestUpdate();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.#isOpen) return nothing;
    return html`<div
      class="menu"
      role="menu"
      tabindex="-1"
      aria-label=${this.#label}
      aria-activedescendant=${this.#active >= 0 ? `menu-item-${this.#active}` : nothing}
      .style=${`left:${this.#place.x}px;top:${this.#place.y}px`}
      @keydown=${this.#onKey}
      @focusout=${this.#onLeave}
    >
      ${this.#items.map((item, index) => this.#item(item, index))}
    </div>`;
  }

  #item(item: MenuItem, index: number): TemplateResult {
    if (item === 'separator') return html`<div class="menu-separator" role="separator"></div>`;
    const { label, isChecked, hint } = item;
    return html`<div
      class=${index === this.#active ? 'menu-item active' : 'menu-item'}
      id="menu-item-${index}"
      role=${isChecked === undefined ? 'menuitem' : 'menuitemcheckbox'}
      aria-checked=${isChecked === undefined ? nothing : String(isChecked)}
      @pointermove=${() => this.#activate(index)}
      @click=${() => this.#select(index)}
    >
      <span class="menu-check">${isChecked ? icon('check') : nothing}</span
      ><span class="menu-label">${label}</span
      >${hint === undefined ? nothing : html`<span class="menu-hint">${hint}</span>`}
    </div>`;
  }

  #fit(): void {
    const menu = this.querySelector<HTMLElement>('.menu');
    if (!menu) return;
    const { width, height } = menu.getBoundingClientRect();
    this.#place = {
      x: Math.max(4, Math.min(this.#place.x, window.innerWidth - width - 4)),
      y: Math.max(4, Math.min(this.#place.y, window.innerHeight - height - 4)),
    };
    this.requestUpdate();
  }

  #activate(index: number): void {
    if (index === this.#active) return;
    this.#active = index;
    this.requestUpdate();
  }

  #select(index: number): void {
    const item = this.#items[index];
    if (item === undefined || item === 'separator') return;
    // Several columns are often switched one after the other.
    if (item.isChecked === undefined) this.close();
    item.onSelect();
  }

  #move(step: number): void {
    const { length } = this.#items;
    for (let index = this.#active + step, left = length; left > 0; left -= 1, index += step) {
      const wrapped = (index + length) % length;
      if (this.#items[wrapped] !== 'separator') {
        this.#activate(wrapped);
        return;
      }
    }
  }

  readonly #onLeave = (event: FocusEvent): void => {
    if (event.relatedTarget instanceof Node && this.contains(event.relatedTarget)) return;
    this.#returnTo = undefined;
    this.close();
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    switch (event.key) {
      case 'ArrowDown':
        this.#move(1);
        break;
      case 'ArrowUp':
        this.#move(-1);
        break;
      case 'Home':
        this.#active = -1;
        this.#move(1);
        break;
      case 'End':
        this.#active = this.#items.length;
        this.#move(-1);
        break;
      case 'Enter':
      case ' ':
        this.#select(this.#active);
        break;
      case 'Delete': {
        const item = this.#items[this.#active];
        if (item === undefined || item === 'separator' || !item.onRemove) return;
        this.close();
        item.onRemove();
        break;
      }
      case 'Escape':
      case 'Tab':
        this.close();
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
}

/** The menu of the page. @throws Error where the page has none. */
export function popupMenu(): PopupMenu {
  const menu = document.querySelector<PopupMenu>('mcpw-menu');
  if (!menu) throw new Error('The page has no menu.');
  return menu;
}
