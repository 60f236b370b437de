import { html, nothing, type TemplateResult } from 'lit';
import { isRecord } from '../../src/core/json';
import type { OfferedKind } from '../../src/protocol/offeredKinds';
import type { TryItEnd } from '../../src/protocol/tryIt';
import { counted, duration, shown, size } from '../format';
import { textFormOf } from '../detail/textForms';
import { markdownTemplate } from '../detail/markdown';
import { textButton } from '../ui/controls';
import { icon } from '../ui/icons';
import type { Run, TryItModel } from './tryItModel';

const maxTextChars = 100_000;
const maxBlocks = 200;

/** What came of the latest run, or how far it is. */
export function runTemplate(model: TryItModel, run: Run): TemplateResult {
  const { end } = run;
  if (!end) return html`<section class="try-result" aria-label="Result">${progressTemplate(run)}</section>`;
  const look = lookOf(end);
  return html`<section class="try-result" aria-label="Result">
    <div class="result-head ${look.tone}">
      ${icon(look.icon)}<strong class="grow">${shown(look.text)}</strong>
      ${
        end.kind === 'response' && end.omittedChars === undefined
          ? textButton('Copy result', () => model.copyText(pretty(end.text)))
          : nothing
      }
      ${model.seq === undefined ? nothing : textButton('Open the recorded exchange', () => model.openRecord(document.body.dataset['readOnly'] === 'true'))}
    </div>
    ${end.kind === 'failure' ? failureTemplate(end) : responseTemplate(model, run.target.kind, end)}
  </section>`;
}

function progressTemplate({ progress }: Run): TemplateResult {
  const { progress: done, total, message } = progress ?? {};
  const isKnown = done !== undefined && total !== undefined && total > 0;
  return html`<div class="result-head">
    ${
      isKnown
        ? html`<progress aria-label="Progress" max=${total} .value=${Math.min(done, total)}></progress>`
        : html`<progress aria-label="Progress"></progress>`
    }
    <span class="grow"
      >${progress ? shown(message ?? `${done ?? ''}${isKnown ? ` of ${total}` : ''}`) : 'Waiting for the answer'}</span
    >
  </div>`;
}

function lookOf(end: TryItEnd): { icon: 'check' | 'error' | 'circle-slash'; tone: string; text: string } {
  if (end.kind === 'failure') {
    return end.isCancelled
      ? { icon: 'circle-slash', tone: 'muted', text: 'Cancelled' }
      : { icon: 'error', tone: 'failed', text: 'No answer' };
  }
  const time = duration(end.durationMs);
  if (end.isProtocolError) return { icon: 'error', tone: 'failed', text: `The server refused it after ${time}` };
  const isError = readResult(end.text)?.['isError'] === true;
  return isError
    ? { icon: 'error', tone: 'failed', text: `Answered with an error after ${time}` }
    : { icon: 'check', tone: 'ok', text: `Answered in ${time}` };
}

function failureTemplate({ message, remedy }: Extract<TryItEnd, { kind: 'failure' }>): TemplateResult {
  return html`<p class="result-text">${shown(message)}</p>
    ${remedy === '' ? nothing : html`<p class="quiet">${shown(remedy)}</p>`}`;
}

function responseTemplate(
  model: TryItModel,
  kind: OfferedKind,
  end: Extract<TryItEnd, { kind: 'response' }>,
): TemplateResult {
  if (end.omittedChars !== undefined) {
    return html`<p class="quiet">
      The answer has ${counted(end.omittedChars, 'character')}, which is too much to show here. The recorded exchange
      has it.
    </p>`;
  }
  const result = readResult(end.text);
  if (end.isProtocolError) {
    const { code, message } = result ?? {};
    return html`<p class="result-text">${shown(typeof message === 'string' ? message : end.text)}</p>
      <p class="quiet">Error ${String(code)}</p>
      ${treeTemplate(model, 'result-whole', 'Error', end.text)}`;
  }
  const structured = result?.['structuredContent'];
  const blocks =
    kind === 'tools'
      ? listIn(result, 'content')
      : kind === 'prompts'
        ? listIn(result, 'messages')
        : listIn(result, 'contents');
  return html`${
      structured === undefined
        ? nothing
        : html`<h3>Structured content</h3>
            ${treeTemplate(model, 'result-structured', 'Structured content', JSON.stringify(structured))}`
    }
    ${
      blocks.length === 0 || (structured !== undefined && repeats(blocks, structured))
        ? nothing
        : html`<h3>${kind === 'prompts' ? 'Messages' : kind === 'tools' ? 'Content' : 'Contents'}</h3>
            ${blocks.slice(0, maxBlocks).map((block) => blockTemplate(model, block))}
            ${blocks.length > maxBlocks ? html`<p class="quiet">${counted(blocks.length - maxBlocks, 'more block')}</p>` : nothing}`
    }
    <details>
      <summary>The whole result as JSON</summary>
      ${treeTemplate(model, 'result-whole', 'Result', end.text)}
    </details>`;
}

/** Servers repeat structured content as text for clients that read only that. */
function repeats(blocks: readonly unknown[], structured: unknown): boolean {
  const [block] = blocks;
  if (blocks.length !== 1 || !isRecord(block) || typeof block['text'] !== 'string') return false;
  try {
    return JSON.stringify(JSON.parse(block['text'])) === JSON.stringify(structured);
  } catch {
    return false;
  }
}

function treeTemplate(model: TryItModel, id: string, label: string, text: string): TemplateResult {
  return html`<mcpw-json-tree
    id=${id}
    .label=${label}
    .text=${text}
    .onCopy=${(copied: string) => model.copyText(copied)}
    .onCopyAll=${() => model.copyText(text)}
  ></mcpw-json-tree>`;
}

function blockTemplate(model: TryItModel, block: unknown): TemplateResult {
  if (!isRecord(block)) return html`<pre class="result-text">${shown(JSON.stringify(block))}</pre>`;
  // A message of a prompt has its content inside.
  if (typeof block['role'] === 'string' && 'content' in block) {
    const contents = Array.isArray(block['content']) ? (block['content'] as unknown[]) : [block['content']];
    return html`<div class="result-block">
      <p class="quiet">${shown(block['role'])}</p>
      ${contents.map((content) => blockTemplate(model, content))}
    </div>`;
  }
  if (block['type'] === 'resource' && isRecord(block['resource'])) return resourceTemplate(block['resource']);
  if (block['type'] === 'resource_link') return linkTemplate(model, block);
  if (block['type'] === 'image' || block['type'] === 'audio') {
    return dataTemplate(block['data'], block['mimeType'], block['type']);
  }
  if (typeof block['text'] === 'string' && block['type'] === 'text') return textTemplate(block['text']);
  if (typeof block['uri'] === 'string') return resourceTemplate(block);
  return html`<pre class="result-text">${shown(JSON.stringify(block, undefined, 2)).slice(0, maxTextChars)}</pre>`;
}

function resourceTemplate({ uri, text, blob, mimeType }: Record<string, unknown>): TemplateResult {
  return html`<div class="result-block">
    <p class="quiet">${shown(String(uri))}${typeof mimeType === 'string' ? ` · ${shown(mimeType)}` : ''}</p>
    ${typeof text === 'string' ? textTemplate(text) : dataTemplate(blob, mimeType, 'data')}
  </div>`;
}

function linkTemplate(model: TryItModel, { uri, name, description }: Record<string, unknown>): TemplateResult {
  if (typeof uri !== 'string') return html``;
  return html`<div class="result-block result-link">
    ${icon('file')}<span class="grow"
      >${shown(typeof name === 'string' ? name : uri)}
      <span class="quiet">${shown(uri)}${typeof description === 'string' ? ` · ${shown(description)}` : ''}</span></span
    >${textButton('Read it', () => model.openResource(uri))}
  </div>`;
}

function textTemplate(text: string): TemplateResult {
  const part = text.slice(0, maxTextChars);
  const left = text.length - part.length;
  const isMarkdown = left === 0 && textFormOf(text)?.kind === 'markdown';
  return html`${isMarkdown ? html`<div class="result-markdown">${markdownTemplate(text)}</div>` : html`<pre class="result-text">${shown(part)}</pre>`}
  ${left > 0 ? html`<p class="quiet">${counted(left, 'more character')}</p>` : nothing}`;
}

/** Pictures are shown by what they are, not by what they are said to be. */
function dataTemplate(data: unknown, mimeType: unknown, what: string): TemplateResult {
  if (typeof data !== 'string') return html``;
  const form = textFormOf(data);
  if (form?.kind === 'picture')
    return html`<img class="result-picture" src=${form.address} alt="Picture in the result" />`;
  const type = typeof mimeType === 'string' ? shown(mimeType) : what;
  return html`<p class="quiet">${type}, ${size(Math.floor((data.length * 3) / 4))}</p>`;
}

function listIn(result: Record<string, unknown> | undefined, name: string): unknown[] {
  const list = result?.[name];
  return Array.isArray(list) ? (list as unknown[]) : [];
}

function readResult(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
