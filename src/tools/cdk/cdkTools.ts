import type { Tool } from '../tool';
import { listStacks } from './listStacks';
import { synthStack } from './synthStack';

/** The tools that work on the CDK app of the open workspace. */
export const cdkTools: readonly Tool[] = [listStacks, synthStack];
