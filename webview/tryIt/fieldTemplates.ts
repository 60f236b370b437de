import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import { isRecord } from '../../src/core/json';
import { count, counted, shown } from '../format';
import { iconButton, textButton } from '../ui/controls';
import { icon } from '../ui/icons';
import { isSameJson } from './schema/jsonPath';
import { short } from './schema/schemaCheck';
import { typeLabels, type FormField, type MemberPlace, type SchemaForm } from './schema/schemaForm';
import { stringFormat } from './schema/stringFormats';
import { isOpenAtFirst, type TryItModel } from './tryItModel';

/** Members and items that are drawn before somebody asks for more. */
const pageSize = 50;
/** Longest description that is shown; the Schemas tab has all of it. */
const maxAboutChars = 800;

/** What the templates of one form share. */
interface Surroundings {
  model: TryItModel;
  form: SchemaForm;
}

/** The whole form. */
export function formTemplate(model: TryItModel, form: SchemaForm, root: FormField): TemplateResult {
  const around: Surroundings = { model, form };
  const hasVariants = root.variants.length > 1;
  return html`<div class="fields">
    ${problemsTemplate(around, root)} ${hasVariants ? variantTemplate(around, root, 'Form of the input') : nothing}
    ${contentTemplate(around, root)}
  </div>`;
}

/** Names the element of a field, for labels and for the keyboard. */
export function fieldId(pointer: string): string {
  return `try${encodeURIComponent(pointer)}`;
}

function fieldTemplate(around: Surroundings, field: FormField): TemplateResult {
  const isGroup = (field.variant.kind === 'object' || field.variant.kind === 'array') && field.value !== undefined;
  return isGroup ? groupTemplate(around, field) : leafTemplate(around, field);
}

function leafTemplate(around: Surroundings, field: FormField): TemplateResult {
  const id = fieldId(field.pointer);
  const problems = around.model.problemsAt(field.pointer);
  return html`<div class=${problems.length > 0 ? 'field wrong-field' : 'field'} data-pointer=${field.pointer}>
    <div class="field-head">
      ${nameTemplate(around, field, id)}
      <span class="field-facts quiet">${factsOf(field)}</span>
      ${field.variants.length > 1 ? variantTemplate(around, field, `Form of ${field.name}`) : nothing}
      ${actionsTemplate(around, field)}
    </div>
    ${aboutTemplate(field, id)} ${controlTemplate(around, field, id)} ${problemsTemplate(around, field)}
  </div>`;
}

function groupTemplate(around: Surroundings, field: FormField): TemplateResult {
  const { model } = around;
  const id = fieldId(field.pointer);
  const isOpen = isGroupOpen(model, field);
  const inside = model.problemsInside(field.pointer);
  const size = isRecord(field.value) || Array.isArray(field.value) ? Object.keys(field.value).length : 0;
  const what = field.variant.kind === 'array' ? 'item' : 'member';
  return html`<div class="field group" role="group" aria-labelledby="${id}-name" data-pointer=${field.pointer}>
    <div class="field-head">
      <button class="fold" id=${id} aria-expanded=${String(isOpen)} @click=${() => model.toggle(field.pointer)}>
        ${icon(isOpen ? 'chevron-down' : 'chevron-right')}<span id="${id}-name">${shown(labelOf(field))}</span>
      </button>
      ${field.isExtra ? renameTemplate(around, field) : nothing} ${marksTemplate(field)}
      <span class="field-facts quiet">${counted(size, what)}</span>
      ${!isOpen && inside > 0 ? html`<span class="field-problem">${counted(inside, 'problem')} inside</span>` : nothing}
      ${field.variants.length > 1 ? variantTemplate(around, field, `Form of ${field.name}`) : nothing}
      ${actionsTemplate(around, field)}
    </div>
    ${aboutTemplate(field, id)} ${problemsTemplate(around, field)}
    ${isOpen ? html`<div class="group-content">${contentTemplate(around, field)}</div>` : nothing}
  </div>`;
}

/** Whether the members of a group are drawn. */
function isGroupOpen(model: TryItModel, { path, pointer }: FormField): boolean {
  return isOpenAtFirst(path) !== model.isToggled(pointer);
}

function contentTemplate(around: Surroundings, field: FormField): TemplateResult {
  if (field.variant.kind === 'object') return membersTemplate(around, field);
  if (field.variant.kind === 'array') return itemsTemplate(around, field);
  return controlTemplate(around, field, fieldId(field.pointer));
}

function membersTemplate(around: Surroundings, field: FormField): TemplateResult {
  const { form, model } = around;
  const places = form.memberPlaces(field);
  const limit = model.limitOf(field.pointer, pageSize);
  const drawn = drawnPlaces(places, limit);
  const takesExtras = form.takesExtras(field.variant.rules);
  const isEmpty = places.length === 0 && !takesExtras;
  return html`${repeat(
    drawn,
    ({ name }) => name,
    ({ make }) => fieldTemplate(around, make()),
  )}
  ${isEmpty ? html`<p class="quiet">Takes nothing.</p>` : nothing}
  ${moreTemplate(around, field, places.length - drawn.length, limit, 'members')}
  ${takesExtras ? addMemberTemplate(around, field) : nothing}`;
}

/** What must be given or is given first, where not all are drawn; in their own order. */
function drawnPlaces(places: readonly MemberPlace[], limit: number): readonly MemberPlace[] {
  if (places.length <= limit) return places;
  const first = places.filter(({ isRequired, isPresent }) => isRequired || isPresent).slice(0, limit);
  const kept = new Set(first);
  for (const place of places) {
    if (kept.size >= limit) break;
    kept.add(place);
  }
  return places.filter((place) => kept.has(place));
}

function itemsTemplate(around: Surroundings, field: FormField): TemplateResult {
  const { form, model } = around;
  const length = Array.isArray(field.value) ? field.value.length : 0;
  const limit = model.limitOf(field.pointer, pageSize);
  const indexes = Array.from({ length: Math.min(length, limit) }, (_each, index) => index);
  return html`${indexes.map((index) => fieldTemplate(around, form.item(field, index)))}
  ${moreTemplate(around, field, length - indexes.length, limit, 'items')}
  ${
    form.takesItem(field.variant.rules, length)
      ? html`<div class="field-add">${textButton(`Add an item${nameSuffix(field)}`, () => model.addItem(field))}</div>`
      : nothing
  }`;
}

function moreTemplate(
  { model }: Surroundings,
  field: FormField,
  left: number,
  limit: number,
  what: string,
): TemplateResult | typeof nothing {
  if (left <= 0) return nothing;
  const label = `Show ${count(Math.min(left, pageSize))} of ${count(left)} more ${what}`;
  return html`<div class="field-add">${textButton(label, () => model.showMore(field.pointer, limit + pageSize))}</div>`;
}

function nameSuffix(field: FormField): string {
  return field.path.length === 0 ? '' : ` to ${shown(field.name)}`;
}

function addMemberTemplate({ model }: Surroundings, field: FormField): TemplateResult {
  const id = `${fieldId(field.pointer)}-new`;
  const add = (event: Event): void => {
    const input = (event.currentTarget as Element).closest('.field-add')?.querySelector<HTMLInputElement>('input');
    if (input && model.addMember(field, input.value)) input.value = '';
    else input?.focus();
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    add(event);
  };
  return html`<div class="field-add">
    <input
      id=${id}
      type="text"
      aria-label=${`Name of a new member${nameSuffix(field)}`}
      placeholder="Name of a new member"
      maxlength="500"
      spellcheck="false"
      autocomplete="off"
      @keydown=${press}
    />
    <span @click=${add}>${textButton('Add', () => undefined)}</span>
  </div>`;
}

function labelOf(field: FormField): string {
  if (typeof field.path.at(-1) === 'number') return field.title === undefined ? `Item ${field.name}` : field.title;
  return field.name;
}

function nameTemplate(around: Surroundings, field: FormField, id: string): TemplateResult {
  const name = html`<label class=${field.isExtra ? 'unseen' : 'field-name'} for=${id} title=${field.title ?? nothing}
    >${shown(labelOf(field))}</label
  >`;
  return html`${name}${field.isExtra ? renameTemplate(around, field) : nothing}${marksTemplate(field)}`;
}

function marksTemplate(field: FormField): TemplateResult {
  const isItem = typeof field.path.at(-1) === 'number';
  return html`${field.isRequired && !isItem && field.path.length > 0 ? html`<span class="required">required</span>` : nothing}
  ${field.isDeprecated ? html`<span class="deprecated">deprecated</span>` : nothing}
  ${field.isSecret ? html`<span class="quiet">not kept</span>` : nothing}`;
}

function renameTemplate({ model }: Surroundings, field: FormField): TemplateResult {
  const rename = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    if (!model.rename(field, input.value)) input.value = field.name;
  };
  return html`<input
    class="rename"
    type="text"
    aria-label=${`New name of ${shown(field.name)}`}
    maxlength="500"
    spellcheck="false"
    .value=${field.name}
    @change=${rename}
  />`;
}

function factsOf({ variant, variants, format, initial, value }: FormField): string {
  const { kind } = variant;
  const type = kind === 'choice' || kind === 'fixed' || variants.length > 1 ? undefined : typeLabels[kind];
  const standard = initial !== undefined && value !== undefined ? `default ${short(initial)}` : undefined;
  return [type, format, standard].filter((part) => part !== undefined).join(' · ');
}

function aboutTemplate({ description, title, name }: FormField, id: string): TemplateResult | typeof nothing {
  const heading = title !== undefined && title !== name ? title : undefined;
  const text = [heading, description].filter((part) => part !== undefined).join(': ');
  return text === '' ? nothing : html`<p class="field-about" id="${id}-about">${shown(cut(text))}</p>`;
}

function cut(text: string): string {
  return text.length > maxAboutChars ? `${text.slice(0, maxAboutChars)}…` : text;
}

function problemsTemplate({ model }: Surroundings, field: FormField): TemplateResult | typeof nothing {
  const problems = model.problemsAt(field.pointer);
  if (problems.length === 0) return nothing;
  const name = field.path.length === 0 ? 'The input' : 'This';
  return html`<p class="field-problem" id="${fieldId(field.pointer)}-problem">
    ${icon('error')}${shown([...new Set(problems.map(({ text }) => `${name} ${text}.`))].slice(0, 5).join(' '))}
  </p>`;
}

function variantTemplate({ model }: Surroundings, field: FormField, label: string): TemplateResult {
  const at = field.variants.indexOf(field.variant);
  return html`<select
    class="variant"
    aria-label=${shown(label)}
    .value=${live(String(at))}
    @change=${(event: Event) => model.chooseVariant(field, Number((event.target as HTMLSelectElement).value))}
  >
    ${field.variants.map(
      (variant, index) =>
        html`<option value=${index} ?selected=${index === at}>${shown(variant.label.slice(0, 100))}</option>`,
    )}
  </select>`;
}

function actionsTemplate({ model }: Surroundings, field: FormField): TemplateResult | typeof nothing {
  const isItem = typeof field.path.at(-1) === 'number';
  const canLeave = field.value !== undefined && field.path.length > 0 && (!field.isRequired || isItem);
  if (!canLeave) return nothing;
  const name = shown(labelOf(field));
  return html`<span class="field-actions"
    >${
      isItem
        ? html`${iconButton({ icon: 'arrow-up', label: `Move ${name} up`, onClick: () => model.move(field, -1) })}${iconButton(
            { icon: 'arrow-down', label: `Move ${name} down`, onClick: () => model.move(field, 1) },
          )}`
        : nothing
    }${iconButton({
      icon: 'close',
      label: isItem ? `Remove ${name}` : `Leave out ${name}`,
      onClick: () => model.setAt(field.path, undefined),
    })}</span
  >`;
}

/** Attributes that tie a control to what is said about it. */
function described(
  around: Surroundings,
  field: FormField,
  id: string,
): { by: string | typeof nothing; invalid: string } {
  const hasProblem = around.model.problemsAt(field.pointer).length > 0;
  const hasAbout = field.description !== undefined || (field.title !== undefined && field.title !== field.name);
  const by = [hasAbout ? `${id}-about` : '', hasProblem ? `${id}-problem` : ''].filter(Boolean).join(' ');
  return { by: by === '' ? nothing : by, invalid: String(hasProblem) };
}

function controlTemplate(around: Surroundings, field: FormField, id: string): TemplateResult {
  switch (field.variant.kind) {
    case 'string':
      return textTemplate(around, field, id);
    case 'number':
    case 'integer':
      return numberTemplate(around, field, id);
    case 'boolean':
      return optionsTemplate(around, field, id, [true, false]);
    case 'choice':
    case 'fixed':
      return optionsTemplate(around, field, id, field.variant.options);
    case 'null':
    case 'object':
    case 'array':
      break;
  }
  if (field.value === null) return html`<span class="field-null" id=${id} tabindex="-1">null</span>`;
  return html`<span class="field-add" id=${id} tabindex="-1"
    >${textButton(`Add ${shown(labelOf(field))}`, () => around.model.add(field))}</span
  >`;
}

function placeholderOf({ initial, example, format, isRequired, value }: FormField): string {
  if (value === '') return 'empty';
  if (initial !== undefined) return `default: ${short(initial)}`;
  if (example !== undefined) return `such as ${example}`;
  const known = stringFormat(format);
  if (known) return `such as ${known.example}`;
  return isRequired ? '' : 'not set';
}

function textTemplate(around: Surroundings, field: FormField, id: string): TemplateResult {
  const { model } = around;
  const text = typeof field.value === 'string' ? field.value : '';
  const { by, invalid } = described(around, field, id);
  const input = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    // Nothing in an optional field means that it is left out.
    model.setAt(field.path, value === '' && !field.isRequired ? undefined : value);
    model.complete(field, value);
  };
  if (field.isSecret) {
    return html`<input
      id=${id}
      type="password"
      autocomplete="off"
      placeholder=${placeholderOf(field)}
      aria-describedby=${by}
      aria-invalid=${invalid}
      .value=${live(text)}
      @input=${input}
    />`;
  }
  if (model.definition?.completes === true && field.path.length === 1) {
    const options = model.completionsOf(field.pointer);
    return html`<input
        id=${id}
        type="text"
        list="${id}-options"
        autocomplete="off"
        spellcheck="false"
        placeholder=${placeholderOf(field)}
        aria-describedby=${by}
        aria-invalid=${invalid}
        .value=${live(text)}
        @input=${input}
        @focus=${() => model.complete(field, text)}
      /><datalist id="${id}-options">${options.map((option) => html`<option value=${option}></option>`)}</datalist>`;
  }
  return html`<textarea
    id=${id}
    rows="1"
    spellcheck="false"
    placeholder=${placeholderOf(field)}
    aria-describedby=${by}
    aria-invalid=${invalid}
    .value=${live(text)}
    @input=${input}
  ></textarea>`;
}

/** The number that a text stands for; the text itself where it stands for none. */
function readNumber(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) && /^[+-]?(\d|\.\d)/.test(trimmed) ? value : text;
}

function numberTemplate(around: Surroundings, field: FormField, id: string): TemplateResult {
  const { model } = around;
  const { by, invalid } = described(around, field, id);
  const text = typeof field.value === 'number' || typeof field.value === 'string' ? String(field.value) : '';
  const typed = document.querySelector<HTMLInputElement>(`[id="${id}"]`)?.value;
  // What is being typed stays as it is while it means the same, e.g. `1.` on the way to `1.5`.
  const value = typed !== undefined && isSameJson(readNumber(typed), field.value) ? typed : text;
  const isItem = typeof field.path.at(-1) === 'number';
  return html`<input
    id=${id}
    type="text"
    inputmode="decimal"
    autocomplete="off"
    placeholder=${placeholderOf(field)}
    aria-describedby=${by}
    aria-invalid=${invalid}
    .value=${live(value)}
    @input=${(event: Event) => {
      const read = readNumber((event.target as HTMLInputElement).value);
      model.setAt(field.path, read === undefined && isItem ? '' : read);
    }}
  />`;
}

function optionsTemplate(
  around: Surroundings,
  field: FormField,
  id: string,
  options: readonly unknown[],
): TemplateResult {
  const { by, invalid } = described(around, field, id);
  const at = options.findIndex((option) => field.value !== undefined && isSameJson(option, field.value));
  const isForeign = at < 0 && field.value !== undefined;
  const isItem = typeof field.path.at(-1) === 'number';
  const none = field.initial === undefined ? 'not set' : `not set (default: ${short(field.initial)})`;
  return html`<select
    id=${id}
    aria-describedby=${by}
    aria-invalid=${invalid}
    .value=${live(isForeign ? 'foreign' : String(at))}
    @change=${(event: Event) => {
      const { value } = event.target as HTMLSelectElement;
      if (value !== 'foreign') around.model.setAt(field.path, value === '-1' ? undefined : options[Number(value)]);
    }}
  >
    ${isItem ? nothing : html`<option value="-1" ?selected=${at < 0 && !isForeign}>${none}</option>`}
    ${isForeign ? html`<option value="foreign" selected>${shown(short(field.value))} (does not fit)</option>` : nothing}
    ${options.map(
      (option, index) =>
        html`<option value=${index} ?selected=${index === at}>
          ${shown(typeof option === 'string' && option !== '' ? option.slice(0, 200) : short(option))}
        </option>`,
    )}
  </select>`;
}
