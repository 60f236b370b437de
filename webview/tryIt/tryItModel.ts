import { isRecord } from '../../src/core/json';
import { offeredKinds, type OfferedKind } from '../../src/protocol/offeredKinds';
import type {
  SavedInput,
  TryItEnd,
  TryItHostMessage,
  TryItItem,
  TryItServer,
  TryItTarget,
} from '../../src/protocol/tryIt';
import type { HostConnection } from '../hostConnection';
import type { InspectorModel } from '../inspectorModel';
import { hasLongNumber, readJson, textToKeep, writeJson } from './inputText';
import { PatternCache } from './patternCache';
import {
  isSameJson,
  pointerOf,
  valueAt,
  withItemMoved,
  withNameAt,
  withValueAt,
  type JsonPath,
} from './schema/jsonPath';
import { isSchema } from './schema/jsonSchema';
import { completed, initialValue, newValue, valueOfVariant } from './schema/sampleValue';
import { checkValue, type SchemaProblem } from './schema/schemaCheck';
import { SchemaForm, type FormField } from './schema/schemaForm';
import { isTryItMessage } from './tryItMessages';

export type Definition = Extract<TryItHostMessage, { type: 'tryItDefinition' }>;

/** What a server offers, as far as it is known. */
export type Offer = Omit<Extract<TryItHostMessage, { type: 'tryItItems' }>, 'type'>;

/** A call that was begun here. */
export interface Run {
  id: number;
  target: TryItTarget;
  seq?: number;
  progress?: { progress: number; total?: number; message?: string };
  end?: TryItEnd;
}

/** What the page keeps of this view. */
interface Kept {
  server?: string;
  target?: TryItTarget;
  /** Inputs by item, the latest last. */
  inputs: [string, string][];
  run?: number;
}

/** Whether a group is unfolded before anybody folds it. */
export function isOpenAtFirst(path: JsonPath): boolean {
  return path.length <= openDepth;
}

const partName = 'tryIt';
const maxInputs = 20;
/** Items of a list that are drawn to show one of them. */
const maxUnfolded = 2000;
const maxKeptChars = 200_000;
const keepDelayMs = 150;
const completionDelayMs = 200;
/** Groups deeper than this are folded at first. */
const openDepth = 4;
/** Larger inputs are checked when nobody has typed for a moment. */
const largeChars = 20_000;
const checkDelayMs = 150;

/**
 * What can be tried, the input as it stands, and what came of it. The input is one JSON value; form and text show the same.
 */
export class TryItModel {
  readonly #host: HostConnection;
  readonly #inspector: InspectorModel;
  readonly #listeners = new Set<() => void>();
  readonly #patterns: PatternCache;
  readonly #chosen = new Map<string, number>();
  readonly #toggled = new Set<string>();
  readonly #limits = new Map<string, number>();
  readonly #completions = new Map<string, readonly string[]>();
  #kept: Kept;
  #servers: readonly TryItServer[] | undefined;
  #offer: Offer | undefined;
  #definition: Definition | undefined;
  #isGone = false;
  #form: SchemaForm | undefined;
  #text = '';
  #value: unknown = {};
  #textProblem: string | undefined;
  #problems: readonly SchemaProblem[] = [];
  #isChecked = true;
  #run: Run | undefined;
  #runs = 0;
  #completing: { id: number; pointer: string } | undefined;
  #timers: Partial<Record<'keep' | 'complete' | 'check', ReturnType<typeof setTimeout>>> = {};
  #focus: string | undefined;
  #notice = '';

  constructor(host: HostConnection, inspector: InspectorModel) {
    this.#host = host;
    this.#inspector = inspector;
    this.#kept = readKept(host.loadPart(partName));
    if (this.#kept.target) {
      this.#text = this.#inputOf(this.#kept.target) ?? '';
      this.#readText();
    }
    this.#patterns = new PatternCache(host, () => {
      this.#check();
      this.#changed();
    });
    host.onAnyMessage((message) => {
      if (!isTryItMessage(message)) return;
      this.#receive(message);
      this.#changed();
    });
  }

  /** Calls `listener` after every change. @returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks the host for what this view shows, and for keeping it up to date. */
  watch(): void {
    const { server, target } = this.#kept;
    if (server !== undefined) this.#host.post({ type: 'chooseTryItServer', server });
    if (target) this.#host.post({ type: 'openTryIt', ...target });
    this.#host.post({ type: 'watchTryIt' });
  }

  unwatch(): void {
    this.#keep();
    this.#host.post({ type: 'unwatchTryIt' });
  }

  /**
   * Shows the tab with an item of a server.
   * @param input what to fill in, a JSON value; left out it is what was there last
   */
  open(server: string, kind: OfferedKind, name: string, input?: unknown): void {
    this.#inspector.setPage('tryIt');
    this.chooseServer(server);
    this.chooseItem({ kind, name });
    const text = input === undefined ? undefined : writeJson(input);
    if (text !== undefined) this.setText(text);
  }

  /** `undefined` until the host has answered. */
  get servers(): readonly TryItServer[] | undefined {
    return this.#servers;
  }

  /** The server that was chosen; it may be gone. */
  get server(): TryItServer | undefined {
    return this.#servers?.find(({ key }) => key === this.#kept.server);
  }

  get serverKey(): string | undefined {
    return this.#kept.server;
  }

  get offer(): Offer | undefined {
    return this.#offer?.server === this.#kept.server ? this.#offer : undefined;
  }

  get items(): readonly TryItItem[] {
    return this.offer?.items ?? [];
  }

  get target(): TryItTarget | undefined {
    return this.#kept.target;
  }

  /** What is known of the item that was chosen. */
  get definition(): Definition | undefined {
    return this.#definition && isSameTarget(this.#definition.target, this.target) ? this.#definition : undefined;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  get form(): SchemaForm | undefined {
    return this.definition ? this.#form : undefined;
  }

  get root(): FormField | undefined {
    return this.form?.root(this.#value);
  }

  get text(): string {
    return this.#text;
  }

  /** Why the text cannot be read; the form waits meanwhile. */
  get textProblem(): string | undefined {
    return this.#textProblem;
  }

  get losesDigits(): boolean {
    return hasLongNumber(this.#text);
  }

  get problems(): readonly SchemaProblem[] {
    return this.#problems;
  }

  /** Whether everything in the input was checked. */
  get isChecked(): boolean {
    return this.#isChecked;
  }

  get saved(): readonly SavedInput[] {
    return this.definition?.saved ?? [];
  }

  /** The latest run, if it is of the item that is shown. */
  get run(): Run | undefined {
    return this.#run && isSameTarget(this.#run.target, this.target) ? this.#run : undefined;
  }

  get isRunning(): boolean {
    return this.run !== undefined && this.run.end === undefined;
  }

  get canRun(): boolean {
    return (
      !this.isRunning &&
      this.definition !== undefined &&
      this.server !== undefined &&
      this.#textProblem === undefined &&
      isRecord(this.#value) &&
      !Array.isArray(this.#value)
    );
  }

  /** A sentence for those who hear the page. */
  get notice(): string {
    return this.#notice;
  }

  /** What is wrong at a place, as whole sentences begin with the name of the field. */
  problemsAt(pointer: string): readonly SchemaProblem[] {
    return this.#problems.filter((problem) => problem.pointer === pointer);
  }

  /** How many problems there are inside a place. */
  problemsInside(pointer: string): number {
    return this.#problems.filter((problem) => problem.pointer.startsWith(`${pointer}/`)).length;
  }

  isToggled(pointer: string): boolean {
    return this.#toggled.has(pointer);
  }

  limitOf(pointer: string, least: number): number {
    return this.#limits.get(pointer) ?? least;
  }

  completionsOf(pointer: string): readonly string[] {
    return this.#completions.get(pointer) ?? [];
  }

  chooseServer(key: string): void {
    if (key === this.#kept.server) return;
    this.#keep();
    this.#kept.server = key;
    this.#leaveItem();
    this.#host.post({ type: 'chooseTryItServer', server: key });
    this.#changed();
  }

  /** Starts the server, or reads its lists anew. */
  start(): void {
    const { server } = this.#kept;
    if (server !== undefined) this.#host.post({ type: 'startTryIt', server });
  }

  chooseItem({ kind, name }: Pick<TryItItem, 'kind' | 'name'>): void {
    const { server } = this.#kept;
    if (server === undefined) return;
    const target = { server, kind, name };
    if (isSameTarget(target, this.#kept.target)) return;
    this.#keep();
    this.#leaveItem();
    this.#kept.target = target;
    this.#text = this.#inputOf(target) ?? '';
    this.#readText();
    this.#host.post({ type: 'openTryIt', ...target });
    this.#changed();
  }

  /** Takes what a person typed as JSON. */
  setText(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#readText();
    this.#afterChange();
  }

  /** Fills in a place. @param value `undefined` takes it away */
  setAt(path: JsonPath, value: unknown): void {
    this.#setValue(withValueAt(this.#value, path, value) ?? {});
  }

  rename(field: FormField, name: string): boolean {
    const siblings = valueAt(this.#value, field.path.slice(0, -1));
    if (name === field.name) return true;
    if (name === '' || (isRecord(siblings) && Object.hasOwn(siblings, name))) return false;
    this.#setValue(withNameAt(this.#value, field.path, name));
    this.#focus = pointerOf([...field.path.slice(0, -1), name]);
    return true;
  }

  move(field: FormField, step: 1 | -1): void {
    const index = field.path.at(-1);
    if (typeof index !== 'number') return;
    const list = field.path.slice(0, -1);
    this.#setValue(withItemMoved(this.#value, list, index, index + step));
    this.#focus = pointerOf([...list, index + step]);
  }

  addItem(field: FormField): void {
    const { form } = this;
    if (!form || !Array.isArray(field.value)) return;
    const index = field.value.length;
    const schema = form.itemSchema(field.variant.rules, index);
    this.#limits.set(field.pointer, Math.max(this.limitOf(field.pointer, 0), index + 1));
    this.#focus = pointerOf([...field.path, index]);
    this.setAt([...field.path, index], newValue(form, schema) ?? '');
  }

  /** Adds a member under a name of the person's own. @returns false where there is one of that name */
  addMember(field: FormField, name: string): boolean {
    const { form } = this;
    const { value } = field;
    if (!form || name === '' || !isRecord(value) || Object.hasOwn(value, name)) return false;
    this.#focus = pointerOf([...field.path, name]);
    this.setAt([...field.path, name], newValue(form, form.extraSchema(field.variant.rules, name)) ?? '');
    return true;
  }

  /** Gives something to a place that has nothing. */
  add(field: FormField): void {
    const { form } = this;
    if (!form) return;
    this.#focus = field.pointer;
    this.setAt(field.path, valueOfVariant(form, field.variant));
  }

  chooseVariant(field: FormField, index: number): void {
    const { form } = this;
    const variant = field.variants[index];
    if (!form || !variant) return;
    this.#chosen.set(field.pointer, index);
    if (field.value === undefined) {
      this.#changed();
      return;
    }
    const next = valueOfVariant(form, variant);
    // What both forms have is kept.
    const isMerged = isRecord(next) && isRecord(field.value) && !Array.isArray(next) && !Array.isArray(field.value);
    this.setAt(field.path, isMerged ? { ...field.value, ...next } : next);
  }

  toggle(pointer: string): void {
    if (!this.#toggled.delete(pointer)) this.#toggled.add(pointer);
    this.#changed();
  }

  showMore(pointer: string, limit: number): void {
    this.#limits.set(pointer, limit);
    this.#changed();
  }

  /** Begins anew. */
  reset(): void {
    this.#chosen.clear();
    this.#toggled.clear();
    this.#limits.clear();
    this.#setValue(this.#form ? (initialValue(this.#form, this.#form.document.root) ?? {}) : {});
    this.#say('The input is as it was at first.');
  }

  /** Fills in what must be given and is missing. */
  fillIn(): void {
    const { form, root } = this;
    if (!form || !root) return;
    this.#setValue(completed(form, root) ?? {});
    this.#say('What was missing is filled in with samples.');
  }

  saveInput(label: string): void {
    const { target } = this;
    const name = label.trim();
    if (!target || name === '') return;
    const text = textToKeep(this.#form, this.#text);
    this.#host.post({ type: 'saveTryIt', ...target, label: name.slice(0, 100), text });
    this.#say('Saved, without secrets.');
  }

  useSaved(name: string): void {
    const input = this.saved.find((saved) => saved.name === name);
    if (input) this.setText(input.text);
  }

  forgetSaved(name: string): void {
    const { target } = this;
    if (target) this.#host.post({ type: 'forgetTryIt', ...target, label: name });
  }

  copyText(text: string): void {
    this.#inspector.copy(text);
  }

  /** Sends the input. */
  send(): void {
    const { target } = this;
    if (!target || !this.canRun) return;
    // Unique across reloads of the page: the host keeps runs of an earlier one.
    const id = Date.now() * 10 + (this.#runs++ % 10);
    this.#run = { id, target };
    this.#host.post({ type: 'runTryIt', run: id, ...target, input: this.#text });
    this.#keep();
    this.#say('Running.');
  }

  cancel(): void {
    if (this.#run && this.isRunning) this.#host.post({ type: 'cancelTryIt', run: this.#run.id });
  }

  /**
   * Opens the recorded exchange of the latest run.
   * @param isElsewhere whether the page shows a trace file, which does not have it
   */
  openRecord(isElsewhere: boolean): void {
    const seq = this.seq;
    if (seq === undefined) return;
    if (isElsewhere) this.#host.post({ type: 'showTryItRecord', seq });
    else this.#inspector.openRecord(seq);
  }

  /** Number of the recorded request of the latest run. */
  get seq(): number | undefined {
    const { run } = this;
    return (run?.end?.kind === 'response' ? run.end.seq : undefined) ?? run?.seq;
  }

  /** Reads a resource that a result links to. */
  openResource(uri: string): void {
    const { server } = this.#kept;
    if (server !== undefined) this.open(server, 'resources', uri);
  }

  /** Opens what hides the first problem, and goes to it. */
  goToProblem(): void {
    const [first] = this.#problems;
    if (!first) return;
    this.#unfoldTo(first.pointer);
    this.#focus = first.pointer;
    this.#changed();
  }

  /** The place that is to have the keyboard, once it is there; asked once. */
  takeFocus(): string | undefined {
    const focus = this.#focus;
    this.#focus = undefined;
    return focus;
  }

  get wantedFocus(): string | undefined {
    return this.#focus;
  }

  /** Asks the server how what was typed may go on. */
  complete(field: FormField, value: string): void {
    const { target, definition } = this;
    if (!target || definition?.completes !== true || field.path.length !== 1) return;
    clearTimeout(this.#timers.complete);
    this.#timers.complete = setTimeout(() => {
      const id = (this.#completing?.id ?? 0) + 1;
      this.#completing = { id, pointer: field.pointer };
      const others = isRecord(this.#value)
        ? Object.entries(this.#value).filter(
            (entry): entry is [string, string] => entry[0] !== field.name && typeof entry[1] === 'string',
          )
        : [];
      this.#host.post({
        type: 'completeTryIt',
        id,
        ...target,
        argument: field.name,
        value,
        others: Object.fromEntries(others),
      });
    }, completionDelayMs);
  }

  #unfoldTo(pointer: string): void {
    const path: string[] = [];
    for (const part of pointer.split('/').slice(1)) {
      const group = path.length === 0 ? '' : `/${path.join('/')}`;
      if (path.length > openDepth) this.#toggled.add(group);
      const index = /^\d+$/.test(part) ? Number(part) : -1;
      if (index >= this.limitOf(group, 0) && index < maxUnfolded) this.#limits.set(group, Math.max(50, index + 1));
      path.push(part);
    }
  }

  #receive(message: TryItHostMessage): void {
    switch (message.type) {
      case 'tryItServers':
        this.#servers = message.servers;
        if (this.#kept.server === undefined && message.servers[0]) this.chooseServer(message.servers[0].key);
        break;
      case 'tryItItems':
        this.#offer = message;
        break;
      case 'tryItDefinition':
        if (isSameTarget(message.target, this.target)) this.#define(message);
        break;
      case 'tryItGone':
        this.#isGone = isSameTarget(message.target, this.target);
        break;
      case 'tryItSaved':
        if (this.#definition && isSameTarget(message.target, this.#definition.target)) {
          this.#definition = { ...this.#definition, saved: message.saved };
        }
        break;
      case 'tryItSent':
      case 'tryItProgress':
      case 'tryItEnd':
        this.#takeRun(message);
        break;
      case 'tryItCompletion':
        if (message.id === this.#completing?.id) this.#completions.set(this.#completing.pointer, message.values);
        break;
      case 'tryItPatterns':
        this.#patterns.learn(message.results);
        break;
      case 'showTryIt': {
        const read = message.input === undefined ? undefined : readJson(message.input);
        const input = read && 'value' in read ? read.value : undefined;
        if (message.kind !== undefined && message.name !== undefined) {
          this.open(message.server, message.kind, message.name, input);
        } else {
          this.#inspector.setPage('tryIt');
          this.chooseServer(message.server);
        }
        break;
      }
    }
  }

  #takeRun(message: Extract<TryItHostMessage, { run: number }>): void {
    // After a reload of the page the host tells of the run that was left.
    if (!this.#run && message.run === this.#kept.run && this.target) {
      this.#run = { id: message.run, target: this.target };
    }
    const run = this.#run;
    if (!run || message.run !== run.id) return;
    if (message.type === 'tryItSent') run.seq = message.seq;
    else if (message.type === 'tryItProgress') {
      const { progress, total, message: text } = message;
      run.progress = {
        progress,
        ...(total === undefined ? {} : { total }),
        ...(text === undefined ? {} : { message: text }),
      };
    } else if (!run.end) {
      run.end = message.end;
      this.#notice = message.end.kind === 'response' ? 'The server answered.' : message.end.message;
    }
  }

  #define(definition: Definition): void {
    const before = this.#definition;
    this.#definition = definition;
    this.#isGone = false;
    if (this.#form && before?.schema === definition.schema && isSameTarget(before?.target, definition.target)) return;
    const read = definition.schema === undefined ? undefined : readJson(definition.schema);
    const schema = read && 'value' in read ? read.value : undefined;
    this.#form = isSchema(schema) ? new SchemaForm(schema, this.#formOptions) : undefined;
    if (this.#text === '') this.#setValue(this.#form ? (initialValue(this.#form, this.#form.document.root) ?? {}) : {});
    else this.#check();
  }

  get #formOptions(): ConstructorParameters<typeof SchemaForm>[1] {
    return { matches: this.#patterns.matches, chosen: (pointer) => this.#chosen.get(pointer) };
  }

  #leaveItem(): void {
    delete this.#kept.target;
    this.#definition = undefined;
    this.#form = undefined;
    this.#isGone = false;
    this.#problems = [];
    this.#chosen.clear();
    this.#toggled.clear();
    this.#limits.clear();
    this.#completions.clear();
    this.#text = '';
    this.#value = {};
    this.#textProblem = undefined;
  }

  #setValue(value: unknown): void {
    const text = writeJson(value);
    if (text === undefined) return;
    this.#value = value;
    this.#text = text;
    this.#textProblem = undefined;
    this.#afterChange();
  }

  #readText(): void {
    if (this.#text === '') {
      this.#value = {};
      this.#textProblem = undefined;
      return;
    }
    const read = readJson(this.#text);
    if ('problem' in read) {
      this.#textProblem = read.problem;
      return;
    }
    this.#textProblem = undefined;
    if (!isSameJson(read.value, this.#value)) this.#value = read.value;
  }

  #afterChange(): void {
    clearTimeout(this.#timers.check);
    if (this.#text.length < largeChars) this.#check();
    else {
      this.#timers.check = setTimeout(() => {
        this.#check();
        this.#changed();
      }, checkDelayMs);
    }
    clearTimeout(this.#timers.keep);
    this.#timers.keep = setTimeout(() => this.#keep(), keepDelayMs);
    this.#changed();
  }

  #check(): void {
    const { form } = this;
    if (!form) {
      this.#problems = [];
      this.#isChecked = false;
      return;
    }
    const { problems, isComplete } = checkValue(form.document, form.document.root, this.#value, {
      matches: this.#patterns.matches,
    });
    this.#problems = problems;
    this.#isChecked = isComplete;
  }

  #inputOf(target: TryItTarget): string | undefined {
    return this.#kept.inputs.find(([key]) => key === keyOf(target))?.[1];
  }

  /** Remembers the input across hiding and reloads, without what is secret in it. */
  #keep(): void {
    const { target } = this.#kept;
    if (target && this.definition && this.#text.length <= maxKeptChars) {
      const key = keyOf(target);
      const text = textToKeep(this.#form, this.#text);
      this.#kept.inputs = [
        ...this.#kept.inputs.filter(([other]) => other !== key),
        [key, text] as [string, string],
      ].slice(-maxInputs);
    }
    if (this.#run) this.#kept.run = this.#run.id;
    this.#host.savePart(partName, this.#kept);
  }

  #say(notice: string): void {
    this.#notice = notice;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function keyOf({ server, kind, name }: TryItTarget): string {
  return JSON.stringify([server, kind, name]);
}

function isSameTarget(one: TryItTarget | undefined, other: TryItTarget | undefined): boolean {
  return one?.server === other?.server && one?.kind === other?.kind && one?.name === other?.name;
}

/** State from an earlier version of the page, or from nowhere, must not break this one. */
function readKept(saved: unknown): Kept {
  if (!isRecord(saved)) return { inputs: [] };
  const { server, target, inputs, run } = saved;
  const kept: Kept = {
    inputs: Array.isArray(inputs)
      ? (inputs as unknown[])
          .filter(
            (entry): entry is [string, string] =>
              Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string',
          )
          .slice(-maxInputs)
      : [],
  };
  if (typeof server === 'string') kept.server = server;
  if (typeof run === 'number') kept.run = run;
  if (isRecord(target)) {
    const { server: of, kind, name } = target;
    const known = offeredKinds.find((each) => each === kind);
    if (typeof of === 'string' && typeof name === 'string' && known) kept.target = { server: of, kind: known, name };
  }
  return kept;
}
