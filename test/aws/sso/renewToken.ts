import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { silentLogger } from '../../../src/core/logger';
import { SsoServices } from '../../../src/aws/sso/ssoServices';
import type { SsoSession } from '../../../src/aws/sso/ssoSession';

/** A window of its own: for each line it reads it gets a token, and says which by its hash. */
const { home, endpoints, session } = JSON.parse(process.argv[2] ?? '') as {
  home: string;
  endpoints: { oidc: string; portal: string };
  session: SsoSession;
};
const services = new SsoServices({
  homeDirectory: home,
  endpoints,
  logger: silentLogger,
  openBrowser: () => Promise.resolve(false),
});
const lines = createInterface({ input: process.stdin });
lines.on('line', () => {
  services.tokens.get(session).then(
    ({ accessToken }) => console.log(createHash('sha256').update(accessToken).digest('hex')),
    (error: unknown) => console.log(String(error)),
  );
});
lines.on('close', () => process.exit());
console.log('ready');
