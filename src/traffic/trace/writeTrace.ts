import type { TrafficSource } from '../trafficSource';
import { leftOut, RecordExporter, type ExportChoices } from './exportRecords';
import { headerLine, messageLine } from './traceFormat';

export interface WriteTraceOptions extends ExportChoices {
  /** Name and version of the program, for the header. */
  creator: string;
  createdAt?: Date;
}

/** The text of a trace file in pieces, a line each. */
export function* traceText(source: TrafficSource, options: WriteTraceOptions): Generator<string> {
  yield headerLine(options.creator, options.createdAt ?? new Date(), leftOut(options));
  const exporter = new RecordExporter(source, options);
  for (const seq of exporter.picked()) {
    const record = exporter.get(seq);
    if (record) yield messageLine(record);
  }
}
