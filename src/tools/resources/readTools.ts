import type { Tool } from '../tool';
import { getTemplate } from './getTemplate';
import { listRegions } from './listRegions';

/** Read-only tools that only resources and prompts use, so that no model is told of them. */
export const readTools: readonly Tool[] = [listRegions, getTemplate];
