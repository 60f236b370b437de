import type { SignInFlow } from '../../aws/sso/ssoSession';
import type { FlowSetting } from '../settings/settingValues';

/** Where the extension host and the window are. */
export interface Surroundings {
  /** Set where the extension host runs on another machine, in a container or in WSL. */
  remoteName: string | undefined;
  /** Whether the window is a page in a browser. */
  isWeb: boolean;
}

/**
 * Which way to sign in. After a sign-in in the browser it comes back to a port of the machine where the extension host
 * runs, which a browser on another machine does not reach; a code can be typed anywhere.
 */
export function chooseFlow(setting: FlowSetting, { remoteName, isWeb }: Surroundings): SignInFlow {
  if (setting !== 'auto') return setting;
  return remoteName !== undefined || isWeb ? 'deviceCode' : 'browser';
}
