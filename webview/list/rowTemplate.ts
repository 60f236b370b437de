import { html, nothing, type TemplateResult } from 'lit';
import type { InspectorRow } from '../../src/protocol/inspector';
import { lookOf, nameOf, spokenRow } from '../describeRow';
import {
  clockTime,
  duration,
  exactTime,
  milliseconds,
  plainKilobytes,
  plainMilliseconds,
  shown,
  size,
} from '../format';
import { icon } from '../ui/icons';

/** The names of the columns; units stand here, not in the cells. */
export function headerTemplate(): TemplateResult {
  return html`<div class="row header" role="row" aria-rowindex="1">
    <span class="cell time" role="columnheader">Time</span>
    <span class="cell client" role="columnheader">Client</span>
    <span class="cell server" role="columnheader">Server</span>
    <span class="cell call" role="columnheader">Call</span>
    <span class="cell number duration" role="columnheader" title="Milliseconds from request to response">ms</span>
    <span class="cell number size" role="columnheader" title="Size of request and response in kilobytes">kB</span>
    <span class="cell number aws" role="columnheader" title="Requests made to AWS">AWS</span>
  </div>`;
}

/** One line of the list; empty while the host is asked for it. */
export function rowTemplate(
  position: number,
  row: InspectorRow | undefined,
  rowIndex: number,
  isActive: boolean,
): TemplateResult {
  if (!row) {
    return html`<div
      class="row"
      role="row"
      id="row-${position}"
      data-position=${position}
      aria-rowindex=${rowIndex}
      aria-label="Loading"
    >
      <span class="cell call" role="gridcell"></span>
    </div>`;
  }
  const look = lookOf(row);
  const { name, about } = nameOf(row);
  const bytes = row.bytes + (row.response?.bytes ?? 0);
  const classes = ['row', look.tone, row.kind];
  if (isActive) classes.push('active');
  if (row.parent !== undefined) classes.push('child');
  if (row.direction === 'serverToClient') classes.push('from-server');
  return html`<div
    class=${classes.join(' ')}
    role="row"
    id="row-${position}"
    data-position=${position}
    aria-rowindex=${rowIndex}
    aria-selected=${String(isActive)}
    aria-label=${spokenRow(row)}
  >
    <span class="cell time" role="gridcell" title=${exactTime(row.time)}
      >${clockTime(row.time)}<span class="fraction">${milliseconds(row.time)}</span></span
    >
    <span class="cell client" role="gridcell" title=${`${shown(row.client)}, session ${shown(row.session)}`}
      >${shown(row.client)}</span
    >
    <span class="cell server" role="gridcell">${shown(row.server)}</span>
    <span class="cell call" role="gridcell" title=${callTitle(row)}
      >${icon(look.icon)}<span class="name">${name}</span>${
        about === '' ? nothing : html`<span class="about">${about}</span>`
      }${row.note === undefined ? nothing : html`<span class="note">${shown(row.note)}</span>`}</span
    >
    <span
      class="cell number duration"
      role="gridcell"
      title=${row.durationMs === undefined ? nothing : duration(row.durationMs)}
      >${
        row.durationMs === undefined
          ? nothing
          : html`<span class="bare">${plainMilliseconds(row.durationMs)}</span
              ><span class="with-unit">${duration(row.durationMs)}</span>`
      }</span
    >
    <span class="cell number size" role="gridcell" title=${size(bytes)}>${plainKilobytes(bytes)}</span>
    <span class="cell number aws" role="gridcell">${row.awsRequests?.length ?? nothing}</span>
  </div>`;
}

function callTitle(row: InspectorRow): string {
  const { name, about } = nameOf(row);
  return [`${name}${about === '' ? '' : ` ${about}`}`, lookOf(row).state, shown(row.note)].filter(Boolean).join('\n');
}
