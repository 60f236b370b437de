import { escapeUnseen } from '../../core/unseen';
import { redactText } from '../../core/redact';
import { ownerLabels } from '../../mcp/upstream/discovery/configOwner';
import type { ServerEntry } from '../../mcp/upstream/discovery/serverEntry';
import type { RequestSigning } from '../../mcp/upstream/requestSigning';

// Whoever wrote the config file wrote the words below, so each is shown on one line, with what is invisible visible.
// Nothing that decides what runs is cut: a command that hides behind its own length could not be agreed to.

const maxDetail = 6000;

/** The question whether a server may start. */
export interface ApprovalText {
  title: string;
  detail: string;
  /** Whether all of it fits: if not, the person reads the file instead. */
  isComplete: boolean;
}

export interface ApprovalCircumstances {
  /** The person agreed to something else before. */
  isChange: boolean;
  /** How requests are signed, where they are. */
  signing: Partial<RequestSigning> | undefined;
}

/** Words the question. */
export function approvalText(entry: ServerEntry, { isChange, signing }: ApprovalCircumstances): ApprovalText {
  const { template } = entry;
  const lines = [
    isChange
      ? 'Its definition changed since you agreed to it.'
      : `It is configured by ${ownerLabels[entry.owner]}${entry.scope === 'user' ? '' : ', in this workspace'}.`,
    `File: ${oneLine(entry.file.path)}, line ${entry.place.line}`,
    '',
  ];
  if (template.transport === 'stdio') {
    lines.push('This program will run on your machine, as you:', `  ${word(template.command)}`);
    for (const argument of template.args) lines.push(`    ${word(argument)}`);
    if (template.cwd !== undefined) lines.push(`Folder: ${oneLine(template.cwd)}`);
    if (template.envFile !== undefined) lines.push(`Variables from: ${oneLine(template.envFile)}`);
    for (const [name, value] of Object.entries(template.env)) {
      lines.push(
        value === null ? `Without variable: ${oneLine(name)}` : `Variable: ${redactText(oneLine(`${name}=${value}`))}`,
      );
    }
    if (template.forwardedEnv && template.forwardedEnv.length > 0) {
      lines.push(`Variables passed on: ${template.forwardedEnv.map((name) => oneLine(name)).join(', ')}`);
    }
  } else {
    lines.push('Requests will go to this address:', `  ${oneLine(template.url)}`);
    for (const [name, value] of Object.entries(template.headers)) {
      lines.push(`Header: ${redactText(oneLine(`${name}: ${value}`))}`);
    }
    const named = { ...template.envHeaders };
    if (template.bearerTokenEnv !== undefined) named['Authorization'] = template.bearerTokenEnv;
    for (const [name, variable] of Object.entries(named)) {
      lines.push(`Header: ${oneLine(name)} from the variable ${oneLine(variable)}`);
    }
    if (signing) {
      const { profile } = signing;
      const whose = profile === undefined ? 'the role that is picked' : `the profile ${oneLine(profile)}`;
      lines.push(`Each request is signed with the AWS credentials of ${whose}.`);
    }
  }
  for (const { type, command } of entry.inputs.values()) {
    if (type === 'command') lines.push(`Runs the editor command: ${oneLine(command ?? '')}`);
  }
  lines.push('', 'Nothing has been started yet.');
  const detail = lines.join('\n');
  const isComplete = detail.length <= maxDetail;
  return {
    title: `Start the MCP server ${oneLine(entry.name).slice(0, 80)}?`,
    detail: isComplete ? detail : `${detail.slice(0, maxDetail)}…\n\nThis is not all of it. Read it in the file.`,
    isComplete,
  };
}

/** A word of a command line, in quotes where its end could not be told otherwise. */
function word(text: string): string {
  const shown = oneLine(text);
  return /^[^\s"']+$/.test(shown) ? shown : JSON.stringify(shown);
}

function oneLine(text: string): string {
  return escapeUnseen(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
