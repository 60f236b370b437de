import type { ToolClaims } from '../../src/protocol/tryIt';

/** What a person is told of a tool before they run it. */
export interface ClaimWords {
  text: string;
  /** Whether it may change something. */
  isChange: boolean;
}

/**
 * What a tool says of itself, in words. The protocol's defaults hold for what it leaves out: it may change and delete
 * (MCP, `ToolAnnotations`).
 * @param isOwn whether it is a tool of our own server, which asks before it changes anything
 */
export function claimWords({ readOnly, destructive, idempotent, openWorld }: ToolClaims, isOwn: boolean): ClaimWords {
  const reach = openWorld === false ? '' : ' It reaches beyond the server itself.';
  if (readOnly === true) return { text: `Only reads, as the server says.${isOwn ? '' : reach}`, isChange: false };
  const asked = isOwn
    ? ' You are asked before anything is changed.'
    : ' It runs at once: the server decides whether to ask you.';
  if (readOnly === undefined && destructive === undefined) {
    return {
      text: `Does not say whether it changes anything, so it may change or delete something.${asked}`,
      isChange: true,
    };
  }
  const what =
    destructive === false ? 'Changes something, and only adds to what is there' : 'May change or delete something';
  const again = idempotent === true ? ' Running it again with the same input changes nothing more.' : '';
  return { text: `${what}, as the server says.${again}${asked}`, isChange: true };
}
