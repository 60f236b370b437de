import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { WorkbenchError } from '../../core/errors';

/**
 * An error of a request that has no other way to say what went wrong than a JSON-RPC error. Clients show people its
 * message, so that says what to do too; the report is in its data.
 */
export function toProtocolError(error: WorkbenchError): ProtocolError {
  const report = error.toReport();
  const code = error.code === 'InvalidInput' ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, `${report.message} ${report.remedy}`.trim(), report);
}
