import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { html, nothing, type TemplateResult } from 'lit';
import type { IconName } from './codicons';
import { icon, loadIconFont } from './icons';

/** Defines the elements that the templates here use. The only place that knows the component toolkit. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeProgressRing(), vsCodeTextField());
  loadIconFont();
}

export interface IconButton {
  icon: IconName;
  /** What it does, with its key where it has one; shown on hover and read out. */
  label: string;
  /** For a button that stays pressed. */
  isPressed?: boolean;
  /** `-1` where keys reach the same some other way. */
  tabIndex?: number;
  onClick: (event: Event) => void;
}

/** A button that is an icon. Its element passes on only the label as an attribute, so the rest is set as properties. */
export function iconButton({ icon: name, label, isPressed, tabIndex, onClick }: IconButton): TemplateResult {
  return html`<vscode-button
    appearance="icon"
    class=${isPressed === true ? 'pressed' : ''}
    title=${label}
    aria-label=${label}
    .ariaPressed=${isPressed === undefined ? null : String(isPressed)}
    tabindex=${tabIndex ?? nothing}
    @click=${onClick}
    >${icon(name)}</vscode-button
  >`;
}

/** A button with a word on it. */
export function textButton(label: string, onClick: () => void): TemplateResult {
  return html`<vscode-button appearance="secondary" @click=${onClick}>${label}</vscode-button>`;
}

/** The button for what a form is there for; `vscode-button` knows no `title` of its own for one that is disabled. */
export function primaryButton({
  label,
  title,
  isDisabled,
  onClick,
}: {
  label: string;
  title: string;
  isDisabled: boolean;
  onClick: () => void;
}): TemplateResult {
  return html`<vscode-button appearance="primary" title=${title} ?disabled=${isDisabled} @click=${onClick}
    >${label}</vscode-button
  >`;
}

/** A small count. Our own, because the toolkit's puts a style attribute into the page, which the policy forbids. */
export function badge(value: number): TemplateResult {
  return html`<span class="badge">${value}</span>`;
}

/** Says that something is on its way. */
export function progressRing(label: string): TemplateResult {
  return html`<vscode-progress-ring aria-label=${label}></vscode-progress-ring>`;
}

export interface SearchField {
  label: string;
  placeholder: string;
  value: string;
  isInvalid: boolean;
  onInput: (text: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** A one-line field with a magnifying glass, and a cross once there is something to remove. */
export function searchField(field: SearchField): TemplateResult {
  const read = (event: Event): void => field.onInput((event.target as HTMLInputElement).value);
  return html`<vscode-text-field
    class=${field.isInvalid ? 'search invalid' : 'search'}
    data-label=${field.label}
    placeholder=${field.placeholder}
    .value=${field.value}
    spellcheck="false"
    @input=${read}
    @keydown=${field.onKeyDown}
  >
    <span slot="start" class="icon" aria-hidden="true">${icon('search')}</span>
    ${
      field.value === ''
        ? nothing
        : html`<section slot="end" class="field-actions">
            ${iconButton({ icon: 'close', label: 'Clear the filter', onClick: () => field.onInput('') })}
          </section>`
    }
  </vscode-text-field>`;
}

/**
 * Names the fields inside `root` for those who hear the page. The toolkit's element overwrites its name with its text
 * when it is put into the page, so this must be called after that.
 */
export function nameFields(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLElement>('vscode-text-field[data-label]')) {
    field.setAttribute('aria-label', field.dataset['label'] ?? '');
  }
}
