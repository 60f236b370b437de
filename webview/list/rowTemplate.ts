import { html, nothing, type TemplateResult } from 'lit';
import type { InspectorRow } from '../../src/protocol/inspector';
import { lookOf, spokenRow } from '../describeRow';
import type { Column } from './columns';

/** Where a row is drawn. */
export interface RowPlace {
  position: number;
  /** Counted from 1, the header included. */
  rowIndex: number;
  isActive: boolean;
  /** Whether it is one of several that are selected together. */
  isSelected: boolean;
}

/** One line of the list; empty while the host is asked for it. */
export function rowTemplate(
  { position, rowIndex, isActive, isSelected }: RowPlace,
  row: InspectorRow | undefined,
  columns: readonly Column[],
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
  const classes = ['row', lookOf(row).tone, row.kind];
  if (isActive) classes.push('active');
  if (isSelected) classes.push('selected');
  if (row.isPart) classes.push('child');
  if (row.isEarlier) classes.push('earlier');
  if (row.direction === 'serverToClient') classes.push('from-server');
  return html`<div
    class=${classes.join(' ')}
    role="row"
    id="row-${position}"
    data-position=${position}
    aria-rowindex=${rowIndex}
    aria-level=${row.isPart ? 2 : 1}
    aria-expanded=${row.parts === undefined ? nothing : String(row.isExpanded === true)}
    aria-selected=${String(isActive || isSelected)}
    aria-label=${spokenRow(row)}
  >
    ${columns.map(({ cell }) => cell(row))}
  </div>`;
}
