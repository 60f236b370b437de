import * as z from 'zod';
import type { Finding } from '../traffic/finding';
import type { ProtocolEra } from '../traffic/wireRecord';
import { offeredKinds, type OfferedKind } from './offeredKinds';

/** Something about an item that makes models or clients stumble, with its place in the item. */
export type ItemFinding = Pick<Finding, 'severity' | 'path' | 'text'>;

/** Items of one server that are sent at most; the rest is counted. */
export const maxItemsPerServer = 10_000;

/** How an item differs from what a person saw last. */
export type ItemChange = 'added' | 'changed' | 'removed';

/** One tool, prompt, resource or resource template in the list. */
export interface SchemaItem {
  /** Names it within its server and kind: its name or address, made short and unique. */
  id: string;
  kind: OfferedKind;
  name: string;
  title?: string;
  /** What else a search finds it by: the beginning of its description, names of parameters. */
  words: string;
  /** Estimated tokens of its definition. */
  tokens: number;
  /** How bad the worst finding is, advice not counted. */
  worst?: 'error' | 'warning';
  change?: ItemChange;
}

/** A server in the list. */
export interface SchemaServer {
  key: string;
  label: string;
  /** `recorded` where only traffic tells of it. */
  state: 'stopped' | 'starting' | 'ready' | 'failed' | 'needsSignIn' | 'recorded';
  era?: ProtocolEra;
  /** How much it offers, for the lists that are known. */
  lists: Partial<Record<OfferedKind, { count: number; tokens: number }>>;
  /** Items with findings, advice not counted. */
  problems: number;
  /** Items that came, went or changed since a person looked. */
  changes: number;
  /** Whether the person can say that they have seen the changes. */
  canAccept: boolean;
  /** Items left out beyond `maxItemsPerServer`. */
  omitted: number;
  /** Set while its lists are read. */
  isListing?: true;
  /** Why its lists could not be read last. */
  failure?: { message: string; remedy: string };
  /** What is to be said about its lists, e.g. that a part was not recorded. */
  note?: string;
}

/** What the host sends to this view. */
export type SchemaHostMessage =
  | { type: 'schemaServers'; servers: SchemaServer[] }
  /** The items of servers of which they became others. */
  | { type: 'schemaItems'; lists: { server: string; items: SchemaItem[] }[] }
  /** The item that was opened, and again when it changed. */
  | {
      type: 'schemaItem';
      server: string;
      kind: OfferedKind;
      id: string;
      /** Its name or address, whole. */
      name: string;
      /** Its JSON text, secrets redacted; empty for one that is gone. */
      text: string;
      /** How many characters were left out, where it is too long to be shown as anything but text. */
      omittedChars?: number;
      /** The JSON text that a person saw last, where it is another. */
      before?: string;
      /** Members that differ from then. */
      changed: string[];
      change?: ItemChange;
      findings: ItemFinding[];
      tokens: number;
    }
  /** There is no such item any more. */
  | { type: 'schemaGone'; server: string; kind: OfferedKind; id: string }
  /** Go to a server, or to an item of it. */
  | { type: 'showSchema'; server: string; kind?: OfferedKind; id?: string };

const server = z.string().max(1000);

/** What the view may send; every message is checked against this before it is acted on. */
export const schemasWebviewMessage = z.discriminatedUnion('type', [
  /** Send the servers and their items, and keep them up to date, until `unwatchSchemas`. */
  z.object({ type: z.literal('watchSchemas') }),
  z.object({ type: z.literal('unwatchSchemas') }),
  z.object({
    type: z.literal('openSchema'),
    server,
    kind: z.enum(offeredKinds),
    id: z.string().max(1000),
  }),
  z.object({ type: z.literal('closeSchema') }),
  /** Read the lists of a server; one that is not asked for by a person starts no server. */
  z.object({ type: z.literal('listSchemas'), server, isAsked: z.boolean() }),
  z.object({ type: z.literal('cancelListing'), server }),
  /** The person has seen how the tools of a server changed. */
  z.object({ type: z.literal('acceptSchemas'), server }),
]);

export type SchemaWebviewMessage = z.output<typeof schemasWebviewMessage>;
