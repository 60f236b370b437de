import type { OfferedKind } from '../../protocol/offeredKinds';

/** What a view of the inspector can be asked to show: a server, or something that it offers. */
export interface OfferLink {
  /** Key of a server. */
  server: string;
  kind?: OfferedKind;
  /** Name of a tool or prompt, address of a resource or template. */
  name?: string;
}
